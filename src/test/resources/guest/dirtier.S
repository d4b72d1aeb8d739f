# A guest that dirties its RAM for ever, so that what has become of that RAM can be checked at any time.
#
# In each page from FIRST to LIMIT the first word counts rounds: in each round it goes from n to n + 1, & MASK, page
# after page. So at any moment all words are equal, or they are up to some page one step ahead of those behind it.
# From the page TAGGED on the second word is the page's own address for ever. Below it, and with a MASK of 1, pages turn
# from zero to not zero and back.
#
# Says "boot" on the serial console when it starts and a dot now and then.
#
# to be defined when assembled: FIRST <= TAGGED < LIMIT (addresses of pages), MASK

    .equ PAGE, 0x1000
    .equ COM1, 0x3f8
    .equ ROUNDS_PER_DOT, 256

    .code16
    .globl _start
_start:
    cli
    xorw %ax, %ax
    movw %ax, %ds
    inb $0x92, %al                  # address line 20
    orb $2, %al
    outb %al, $0x92
    lgdt gdtr
    movl %cr0, %eax
    orl $1, %eax
    movl %eax, %cr0
    ljmpl $8, $protected

    .code32
protected:
    movw $16, %ax
    movw %ax, %ds
    movw %ax, %es

    movl $boot, %esi
    movw $COM1, %dx
1:  lodsb
    outb %al, %dx
    cmpb $'\n', %al
    jne 1b

    # Firmware has used some of these pages: all begin as zero.
    cld
    movl $FIRST, %edi
    movl $(LIMIT - FIRST) / 4, %ecx
    xorl %eax, %eax
    rep stosl
    movl $TAGGED, %esi
2:  movl %esi, 4(%esi)
    addl $PAGE, %esi
    cmpl $LIMIT, %esi
    jne 2b

    xorl %ebx, %ebx
round:
    movl $FIRST, %esi
3:  movl (%esi), %eax
    incl %eax
    andl $MASK, %eax
    movl %eax, (%esi)               # one store: nobody sees a word between two steps
    addl $PAGE, %esi
    cmpl $LIMIT, %esi
    jne 3b

    incl %ebx
    cmpl $ROUNDS_PER_DOT, %ebx
    jne round
    xorl %ebx, %ebx
    movb $'.', %al
    outb %al, %dx
    jmp round

boot:
    .ascii "boot\n"

    .align 8
gdt:
    .quad 0
    .quad 0x00cf9a000000ffff        # code, 4 GiB
    .quad 0x00cf92000000ffff        # data, 4 GiB
gdtr:
    .word gdtr - gdt - 1
    .long gdt

    .org 510
    .word 0xaa55
