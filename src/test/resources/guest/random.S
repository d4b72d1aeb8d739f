# A guest that fills its RAM from FIRST to LIMIT with random words, once, says "filled" on the serial console, and does nothing more.
#
# The words are those of Marsaglia's xorshift generator (13, 17, 5): no two pages are alike and nothing compresses.
#
# to be defined when assembled: FIRST, LIMIT (addresses of pages)

    .equ COM1, 0x3f8

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

    movl $FIRST, %edi
    movl $0x12345679, %eax
1:  movl %eax, %ebx
    shll $13, %ebx
    xorl %ebx, %eax
    movl %eax, %ebx
    shrl $17, %ebx
    xorl %ebx, %eax
    movl %eax, %ebx
    shll $5, %ebx
    xorl %ebx, %eax
    movl %eax, (%edi)
    addl $4, %edi
    cmpl $LIMIT, %edi
    jb 1b

    cld
    movl $filled, %esi
    movw $COM1, %dx
2:  lodsb
    outb %al, %dx
    cmpb $'\n', %al
    jne 2b
3:  hlt
    jmp 3b

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
