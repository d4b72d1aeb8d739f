# A guest that fills its RAM with random words, once, from FIRST to LIMIT and HIGH bytes from 4 GiB on, says "filled" on
# the serial console, and does nothing more; or, where TOUCH is not 0, looks at one page after the other of those below
# 4 GiB in a random order, for ever.
#
# The words are those of Marsaglia's xorshift generator (13, 17, 5): no two pages are alike and nothing compresses.
#
# to be defined when assembled: FIRST, LIMIT (addresses of pages), HIGH (bytes, whole large pages of 4 MiB, at most 2 GiB),
# TOUCH

    .equ COM1, 0x3f8
    .equ STACK, 0x7c00
    .equ DIRECTORY, 0x10000         # of large pages, each with an address of more than 32 bits (PSE-36)
    .equ WINDOW, 0x40000000         # where RAM from 4 GiB on is seen
    .equ PAGE, 0x1000
    .equ LARGE, 0x400000
    .equ PRESENT_WRITABLE_LARGE, 0x83
    .equ AT_4_GIB, 1 << 13          # bit 32 of the address of a large page

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

    movw %ax, %ss
    movl $STACK, %esp

    movl $0x12345679, %eax
    movl $FIRST, %edi
    movl $LIMIT, %edx
    call fill

    .if HIGH
    movl $PRESENT_WRITABLE_LARGE, DIRECTORY
    movl $DIRECTORY + WINDOW / LARGE * 4, %edi
    movl $PRESENT_WRITABLE_LARGE | AT_4_GIB, %ebx
    movl $HIGH / LARGE, %ecx
1:  movl %ebx, (%edi)
    addl $4, %edi
    addl $LARGE, %ebx
    loop 1b
    movl %cr4, %ebx
    orl $0x10, %ebx                 # large pages
    movl %ebx, %cr4
    movl $DIRECTORY, %ebx
    movl %ebx, %cr3
    movl %cr0, %ebx
    orl $0x80000000, %ebx           # paging
    movl %ebx, %cr0
    movl $WINDOW, %edi
    movl $WINDOW + HIGH, %edx
    call fill
    .endif

    cld
    movl $filled, %esi
    movw $COM1, %dx
2:  lodsb
    outb %al, %dx
    cmpb $'\n', %al
    jne 2b

    .if TOUCH
    movl $(LIMIT - FIRST) / PAGE, %ecx
3:  call next
    pushl %eax
    xorl %edx, %edx
    divl %ecx
    imull $PAGE, %edx
    movl FIRST(%edx), %ebx
    popl %eax
    jmp 3b
    .endif
3:  hlt
    jmp 3b

# From edi to edx, with words that follow on eax.
fill:
    call next
    movl %eax, (%edi)
    addl $4, %edi
    cmpl %edx, %edi
    jb fill
    ret

# The word after eax.
next:
    movl %eax, %ebx
    shll $13, %ebx
    xorl %ebx, %eax
    movl %eax, %ebx
    shrl $17, %ebx
    xorl %ebx, %eax
    movl %eax, %ebx
    shll $5, %ebx
    xorl %ebx, %eax
    ret

filled:
    .ascii "filled\n"

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
