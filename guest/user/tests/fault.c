/* SPDX-License-Identifier: MIT */
/* Tests stack growth, and that illegal accesses and instructions fail. */
#include "tests/test.h"

static volatile int sink;
static volatile u64 null; /* volatile: hides it from the compiler */

/* Touches n pages of stack below this frame. */
static __attribute__((noinline)) int deep(int n)
{
    volatile char frame[PAGE];
    frame[0] = (char)n;
    return n ? deep(n - 1) + frame[0] : 0;
}

void test_stack_growth(void)
{
    s64 before = meminfo("AnonPages:"), grown = vmstat("stack_grown");
    sink = deep(200);
    check(vmstat("stack_grown") - grown >= 150);
    s64 kb = meminfo("AnonPages:") - before;
    check(kb >= 800 && kb <= 840);
}

static __attribute__((noinline)) int endless(int n)
{
    volatile char frame[2048];
    frame[0] = (char)n;
    return sink < 0 ? 0 : endless(n + 1) + frame[0]; /* sink is never < 0 */
}

static void recurse(void)
{
    u64 limit[2] = {512 << 10, 512 << 10};
    SYS4(__NR_prlimit64, 0, 3, limit, 0);
    sink = endless(0);
}

static void rescue(int sig, struct siginfo *info, void *uc)
{
    exit(sig == SIGSEGV && info->code == 1 ? 0 : 1);
}

static void recurse_handled(void)
{
    u64 stack[3] = {(u64)anon(4), 0, 4 * PAGE};
    check_eq(SYS2(__NR_sigaltstack, stack, 0), 0);
    on_signal(SIGSEGV, rescue, SA_SIGINFO | SA_ONSTACK);
    recurse();
}

static void recurse_without_altstack(void)
{
    on_signal(SIGSEGV, rescue, SA_SIGINFO);
    recurse();
}

void test_stack_overflow(void)
{
    died_of(recurse, SIGSEGV);
    check_eq(in_child(recurse_handled), 0);
    died_of(recurse_without_altstack, SIGSEGV); /* no room for the frame */
}

static void read_null(void)
{
    sink = *(volatile char *)null;
}

void test_faults_counted(void)
{
    u64 usage[18] = {0}, after[18];
    char *p = anon(32);
    SYS2(__NR_getrusage, 0, usage);
    SYS2(__NR_getrusage, 0, usage);
    dirty(p, 32);
    SYS2(__NR_getrusage, 0, after);
    /* 32 faults, and perhaps one for dirty()'s code or stack */
    check(after[8] - usage[8] >= 32 && after[8] - usage[8] <= 33);
    s64 illegal = vmstat("pgillfault"), faults = vmstat("pgfault");
    died_of(read_null, SIGSEGV);
    check_eq(vmstat("pgillfault") - illegal, 1);
    check(vmstat("pgfault") > faults);
}

static void write_null(void)
{
    *(volatile char *)(null + 8) = 1;
}

static void jump_null(void)
{
    ((void (*)(void))null)();
}

static void jump_anon(void)
{
    char *p = anon(1);
    memset(p, 0, 16);
    ((void (*)(void))(u64)p)();
}

void test_null_pointer(void)
{
    died_of(read_null, SIGSEGV);
    died_of(write_null, SIGSEGV);
    died_of(jump_null, SIGSEGV);
}

static u64 target;

static void read_target(void)
{
    sink = *(volatile char *)target;
}
static void write_target(void)
{
    *(volatile char *)target = 1;
}
static void jump_target(void)
{
    ((void (*)(void))target)();
}

static void forbidden(u64 address)
{
    target = address;
    died_of(read_target, SIGSEGV);
    died_of(write_target, SIGSEGV);
    died_of(jump_target, SIGSEGV);
    check_eq(kernel_reads((void *)address), -EFAULT);
}

void test_kernel_memory(void)
{
    forbidden(0xffffffc080200000); /* the kernel's text, in the direct map */
    forbidden(0xffffffc080000000); /* the firmware */
    forbidden(0xffffffc010000000); /* the UART */
    forbidden(0xfffffffffffff000);
}

void test_noncanonical(void)
{
    forbidden(1ul << 38); /* the first address outside Sv39's user half */
    forbidden(1ul << 39);
    forbidden(0x8000000000000000);
    forbidden(0xffffffbffffff000);
}

static void write_text(void)
{
    *(volatile char *)(u64)write_text = 1;
}

/* Lets the kernel write n bytes of 'k' at p; returns the call's result. */
static s64 kernel_writes(void *p, size_t n)
{
    static char k[64];
    int fd[2];
    memset(k, 'k', sizeof k);
    check_eq(SYS2(__NR_pipe2, fd, 0), 0);
    check_eq(write(fd[1], k, n), n);
    s64 got = read(fd[0], p, n);
    close(fd[0]);
    close(fd[1]);
    return got;
}

static char *page;

static void kernel_writes_to_cow(void)
{
    check_eq(kernel_writes(page, 8), 8);
    check_eq(page[7], 'k');
}

void test_kernel_writes(void)
{
    sink = *(volatile char *)(u64)write_text; /* the page is present now */
    check_eq(kernel_writes((void *)(u64)write_text, 1), -EFAULT);
    page = anon(3);
    sink = page[0]; /* the zero frame */
    check_eq(kernel_writes(page, 8), 8);
    check_eq(page[0], 'k');
    check_eq(page[8], 0);
    char *other = anon(1);
    check_eq(other[0], 0); /* the zero frame is still zero */
    page[0] = 'p';
    check_eq(in_child(kernel_writes_to_cow), 0);
    check_eq(page[0], 'p'); /* our copy was not written */
    mprotect(page, PAGE, PROT_READ);
    check_eq(kernel_writes(page, 8), -EFAULT);
    check_eq(page[0], 'p');
    /* A write across the end of a writable page into one that is not mapped. */
    munmap(page + 2 * PAGE, PAGE);
    check(kernel_writes(page + 2 * PAGE - 4, 8) <= 4);
    check_eq(kernel_writes(page + 2 * PAGE - 32, 32), 32);
    check_eq(page[2 * PAGE - 1], 'k');
}

void test_write_text(void)
{
    died_of(write_text, SIGSEGV);
    died_of(jump_anon, SIGSEGV);
}

static void do_sret(void)
{
    __asm__ volatile("sret");
}
static void do_wfence(void)
{
    __asm__ volatile("sfence.vma");
}
static void do_csr(void)
{
    __asm__ volatile("csrw satp, zero");
}
static void do_unknown(void)
{
    __asm__ volatile(".word 0xffffffff");
}
static void do_ebreak(void)
{
    __asm__ volatile("ebreak");
}

void test_privileged(void)
{
    died_of(do_sret, SIGILL);
    died_of(do_wfence, SIGILL);
    died_of(do_csr, SIGILL);
    died_of(do_unknown, SIGILL);
    died_of(do_ebreak, SIGTRAP);
}
