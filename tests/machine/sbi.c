/* SPDX-License-Identifier: MIT */
/* Calls, in S-mode, all our SBI functions but HSM's stop and legacy shutdown;
 * prints a TAP line for each check; ends by SRST (reason 1: a check failed). */
#include <stdint.h>

typedef uint64_t u64;
typedef int64_t s64;

/* QEMU jumps to the lowest address loaded, not to the entry: _start is in the
 * section that the linker puts first. */
__asm__(".section .text.unlikely,\"ax\"\n.globl _start\n_start:\n"
        " la sp, stack_top\n la t0, trap\n csrw stvec, t0\n j main\n"
        ".align 4\ntrap: addi sp, sp, -48\n sd t0, 0(sp)\n sd t1, 8(sp)\n"
        " csrr t0, scause\n la t1, cause\n sd t0, (t1)\n"
        " csrr t0, stval\n la t1, tval\n sd t0, (t1)\n"
        " csrr t0, scause\n bltz t0, 1f\n"
        /* step over the instruction: all that trap are 4 bytes long */
        " csrr t0, sepc\n addi t0, t0, 4\n csrw sepc, t0\n j 2f\n"
        /* an interrupt: switch its enable off */
        "1: li t1, 1\n sll t1, t1, t0\n csrc sie, t1\n"
        "2: ld t0, 0(sp)\n ld t1, 8(sp)\n addi sp, sp, 48\n sret\n"
        ".globl resumed\nresumed: la sp, stack_top\n la t0, trap\n"
        " csrw stvec, t0\n j after_suspend\n"
        ".bss\n.align 12\n.globl tables\ntables: .skip 3*4096\n"
        ".skip 4096\nstack_top:\n.text\n");

volatile u64 cause, tval;
extern u64 tables[3][512];
extern char resumed[];
static u64 pages[2][512] __attribute__((aligned(4096)));
static int number, failures;

struct ret {
    s64 error, value;
};
static struct ret call(u64 ext, u64 fn, u64 a, u64 b, u64 c, u64 d, u64 e)
{
    register u64 a0 __asm__("a0") = a, a1 __asm__("a1") = b;
    register u64 a2 __asm__("a2") = c, a3 __asm__("a3") = d;
    register u64 a4 __asm__("a4") = e;
    register u64 a6 __asm__("a6") = fn, a7 __asm__("a7") = ext;
    __asm__ volatile("ecall"
                     : "+r"(a0), "+r"(a1)
                     : "r"(a2), "r"(a3), "r"(a4), "r"(a6), "r"(a7)
                     : "memory");
    return (struct ret){(s64)a0, (s64)a1};
}
#define CALL0(e, f)          call(e, f, 0, 0, 0, 0, 0)
#define CALL1(e, f, a)       call(e, f, a, 0, 0, 0, 0)
#define CALL2(e, f, a, b)    call(e, f, a, b, 0, 0, 0)
#define CALL3(e, f, a, b, c) call(e, f, a, b, c, 0, 0)

#define BASE   0x10
#define TIME   0x54494d45
#define IPI    0x735049
#define RFENCE 0x52464e43
#define HSM    0x48534d
#define SRST   0x53525354
#define DBCN   0x4442434e
#define STIE   (1 << 5)
#define SSIE   (1 << 1)
#define csrr(n)                                                                \
    ({                                                                         \
        u64 v_;                                                                \
        __asm__ volatile("csrr %0, " #n : "=r"(v_)::"memory");                 \
        v_;                                                                    \
    })
#define csrs(n, v) __asm__ volatile("csrs " #n ", %0" ::"r"(v) : "memory")
#define csrc(n, v) __asm__ volatile("csrc " #n ", %0" ::"r"(v) : "memory")
#define csrw(n, v) __asm__ volatile("csrw " #n ", %0" ::"r"(v) : "memory")

static void print(const char *s)
{
    while (*s)
        call(1, 0, (u64)*s++, 0, 0, 0, 0);
}

static void ok(int good, const char *what)
{
    char digits[4] = {(char)('0' + ++number / 10), (char)('0' + number % 10),
                      ' ', 0};
    failures += !good;
    print(good ? "ok " : "not ok ");
    print(digits);
    print(what);
    print("\n");
}

/* Waits until an interrupt of `enable` has been taken; returns its cause. */
static u64 await(u64 enable)
{
    cause = 0;
    csrs(sie, enable);
    /* wfi wakes with interrupts off, too: no interrupt is missed. */
    while (!(csrr(sip) & csrr(sie)))
        __asm__ volatile("wfi");
    csrs(sstatus, 2);
    csrc(sstatus, 2);
    return cause;
}

static void base(void)
{
    static const u64 exts[] = {BASE, TIME, IPI, RFENCE, HSM, SRST, DBCN, 0, 8};
    int all = 1;
    ok(CALL0(BASE, 0).value == 0x02000000, "base: version 2.0");
    for (int i = 1; i < 7; i++)
        all &= i == 3 || CALL0(BASE, i).error == 0;
    ok(all, "base: functions 0 to 6");
    all = 1;
    for (unsigned i = 0; i < sizeof(exts) / sizeof(exts[0]); i++)
        all &= CALL1(BASE, 3, exts[i]).value == 1;
    ok(all, "base: finds all extensions");
    ok(CALL1(BASE, 3, 0x504d5500).value == 0, "base: does not find others");
    ok(CALL0(0x504d5500, 0).error == -2, "unknown extension: not supported");
    ok(CALL0(BASE, 7).error == -2, "unknown function: not supported");
}

static void timer(void)
{
    u64 t = csrr(time);
    CALL1(TIME, 0, t + 600 * 10000000ul); /* QEMU's time is the host's */
    ok(!(csrr(sip) & STIE), "timer: not yet");
    t = csrr(time);
    CALL1(TIME, 0, t + 2000);
    ok(await(STIE) == (1ull << 63 | 5) && csrr(time) >= t + 2000,
       "timer: interrupt, not too early");
    CALL1(TIME, 0, ~0ul);
    ok(!(csrr(sip) & STIE), "timer: setting it takes the interrupt away");
    t = csrr(time);
    struct ret r = call(0, 0, t + 2000, 0x1234, 0, 0, 0);
    ok(r.error == 0 && r.value == 0x1234, "legacy: a1 is left alone");
    ok(await(STIE) == (1ull << 63 | 5), "legacy timer: interrupt");
    CALL1(TIME, 0, ~0ul);
}

static void ipi(void)
{
    u64 mask = 1;
    ok(CALL2(IPI, 0, 1, 0).error == 0 && csrr(sip) & SSIE, "ipi: hart 0");
    ok(await(SSIE) == (1ull << 63 | 1), "ipi: interrupt");
    csrc(sip, SSIE);
    ok(CALL2(IPI, 0, 0, ~0ul).error == 0 && csrr(sip) & SSIE, "ipi: all");
    CALL0(3, 0);
    ok(!(csrr(sip) & SSIE), "legacy: clear ipi");
    ok(CALL1(4, 0, (u64)&mask).error == 0 && csrr(sip) & SSIE, "legacy: ipi");
    csrc(sip, SSIE);
    ok(CALL2(IPI, 0, 0, 0).error == 0 && !(csrr(sip) & SSIE),
       "ipi: an empty mask reaches no hart");
    ok(CALL2(IPI, 0, 2, 0).error == -3 && !(csrr(sip) & SSIE),
       "ipi: no such hart");
}

/* fences() maps gigapages one to one; show() maps a page at 300 GiB. */
#define WINDOW (300ul << 30)
static void show(int which)
{
    tables[2][0] = (u64)pages[which] >> 12 << 10 | 0xc7;
}

static void fences(void)
{
    volatile u64 *w = (u64 *)WINDOW;
    int seen = 1;
    /* Bit 38 is the sign: 300 GiB lies in the upper half. */
    w = (u64 *)(WINDOW | ~0ul << 39);
    for (u64 i = 0; i < 4; i++)
        tables[0][i] = i << 28 | 0xcf;
    tables[0][300] = (u64)tables[1] >> 12 << 10 | 1;
    tables[1][0] = (u64)tables[2] >> 12 << 10 | 1;
    pages[0][0] = 10;
    pages[1][0] = 11;
    show(0);
    csrw(satp, 8ul << 60 | (u64)tables >> 12);
    __asm__ volatile("sfence.vma" ::: "memory");
    seen &= *w == 10;
    show(1);
    seen &= call(RFENCE, 1, 1, 0, (u64)w, 4096, 0).error == 0 && *w == 11;
    show(0);
    seen &= call(RFENCE, 1, 0, ~0ul, 0, ~0ul, 0).error == 0 && *w == 10;
    ok(seen, "rfence: sfence.vma, a page and all");
    show(1);
    seen = call(RFENCE, 2, 1, 0, (u64)w, 4096, 0).error == 0 && *w == 11;
    show(0);
    seen &= call(RFENCE, 2, 1, 0, 0, 0, 0).error == 0 && *w == 10;
    ok(seen, "rfence: sfence.vma of an address space");
    u64 mask = 1;
    show(1);
    call(6, 0, (u64)&mask, (u64)w, 4096, 0, 0);
    seen = *w == 11;
    show(0);
    call(7, 0, 0, (u64)w, 4096, 0, 0);
    ok(seen && *w == 10, "legacy: sfence.vma, the mask in virtual memory");
    ok(CALL2(RFENCE, 0, 1, 0).error == 0 &&
           call(5, 0, 0, 0, 0, 0, 0).error == 0,
       "rfence: fence.i");
    ok(CALL2(RFENCE, 4, 1, 0).error == -2, "rfence: no hypervisor");
    ok(CALL2(RFENCE, 1, 4, 0).error == -3, "rfence: no such hart");
    ok(CALL1(4, 0, 0x123456789000).error == -5,
       "legacy: a mask that is not mapped");
    csrw(satp, 0);
    __asm__ volatile("sfence.vma" ::: "memory");
}

static void console(void)
{
    static const char text[] = "# printed by DBCN\n";
    char in[4];
    u64 n = sizeof(text) - 1;
    struct ret r = CALL3(DBCN, 0, n, (u64)text, 0);
    ok(r.error == 0 && (u64)r.value == n, "console: write");
    r = CALL1(DBCN, 2, '#');
    print("\n");
    ok(r.error == 0, "console: a byte");
    r = CALL3(DBCN, 1, sizeof(in), (u64)in, 0);
    ok(r.error == 0 && r.value == 0, "console: nothing to read");
    ok(CALL0(2, 0).error == -1, "legacy: nothing to read");
    ok(CALL3(DBCN, 0, 4, 0x80000000, 0).error == -3,
       "console: not the firmware's memory");
    ok(CALL3(DBCN, 1, ~0ul, (u64)in, 0).error == -3, "console: wrapped range");
    ok(CALL3(DBCN, 0, 4, (u64)text, 1).error == -3, "console: high address");
    ok(CALL3(DBCN, 0, 4, 0x20000, 0).error == -3,
       "console: where no memory is");
}

static void protection(void)
{
    u64 v = 0;
    cause = 0;
    __asm__ volatile(".option push\n.option norvc\n ld %0, (%1)\n.option pop"
                     : "+r"(v)
                     : "r"(0x80000000ul)
                     : "memory");
    ok(cause == 5 && tval == 0x80000000, "firmware cannot be read");
    __asm__ volatile(".option push\n.option norvc\n sd %0, (%1)\n.option pop"
                     : "+r"(v)
                     : "r"(0x80001000ul)
                     : "memory");
    ok(cause == 7 && tval == 0x80001000, "firmware cannot be written");
    __asm__ volatile(".word 0xc0001073" ::: "memory"); /* csrrw cycle */
    ok(cause == 2, "illegal instructions reach the supervisor");
    cause = 0;
    v = csrr(cycle) | csrr(instret) | csrr(time);
    ok(v && !cause, "counters can be read");
}

static void finish(void)
{
    ok(CALL2(SRST, 0, 9, 0).error == -3, "reset: no such type");
    print("1..");
    char digits[4] = {(char)('0' + number / 10), (char)('0' + number % 10),
                      '\n', 0};
    print(digits);
    CALL2(SRST, 0, 0, failures != 0);
}

void after_suspend(u64 hart, u64 opaque)
{
    ok(hart == 0 && opaque == 0x77 && csrr(satp) == 0 && !(csrr(sstatus) & 2),
       "hsm: a non-retentive suspend resumes where told");
    csrc(sie, STIE);
    CALL1(TIME, 0, ~0ul);
    finish();
}

int main(void)
{
    base();
    timer();
    ipi();
    fences();
    console();
    protection();
    ok(CALL1(HSM, 2, 0).error == 0 && CALL1(HSM, 2, 0).value == 0,
       "hsm: started");
    ok(CALL1(HSM, 2, 1).error == -3, "hsm: no such hart");
    ok(CALL3(HSM, 0, 0, (u64)resumed, 0).error == -6, "hsm: already runs");
    ok(CALL3(HSM, 0, 1, (u64)resumed, 0).error == -3, "hsm: no hart to start");
    ok(CALL1(HSM, 3, 7).error == -3, "hsm: reserved kind of suspend");
    csrs(sie, STIE);
    CALL1(TIME, 0, csrr(time) + 5000);
    ok(CALL1(HSM, 3, 0).error == 0 && csrr(sip) & STIE,
       "hsm: retentive suspend ends with an interrupt");
    CALL1(TIME, 0, csrr(time) + 5000);
    CALL3(HSM, 3, 0x80000000, (u64)resumed, 0x77);
    ok(0, "hsm: suspend came back");
    finish();
    for (;;)
        ;
}
