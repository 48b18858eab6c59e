/* SPDX-License-Identifier: MIT */
#include "arch/sbi.h"

/* Extensions, each followed by the functions that the kernel calls. */
enum {
    EXT_BASE = 0x10,
    PROBE_EXTENSION = 3,
    EXT_TIME = 0x54494d45,
    SET_TIMER = 0,
    EXT_SRST = SBI_EXT_SRST,
    SYSTEM_RESET = 0,
    EXT_DBCN = 0x4442434e,
    CONSOLE_WRITE_BYTE = 2,
    LEGACY_PUTCHAR = 1,
    LEGACY_SHUTDOWN = 8
};

struct sbiret {
    s64 error, value;
};

static struct sbiret sbi(u64 ext, u64 fn, u64 p0, u64 p1)
{
    register u64 a0 __asm__("a0") = p0;
    register u64 a1 __asm__("a1") = p1;
    register u64 a6 __asm__("a6") = fn;
    register u64 a7 __asm__("a7") = ext;
    __asm__ volatile("ecall"
                     : "+r"(a0), "+r"(a1)
                     : "r"(a6), "r"(a7)
                     : "memory");
    return (struct sbiret){(s64)a0, (s64)a1};
}

static bool have_dbcn;

static bool probe(u64 ext)
{
    struct sbiret r = sbi(EXT_BASE, PROBE_EXTENSION, ext, 0);
    return r.error == 0 && r.value != 0;
}

void sbi_init(void)
{
    have_dbcn = probe(EXT_DBCN);
}

void sbi_putchar(char c)
{
    if (have_dbcn)
        sbi(EXT_DBCN, CONSOLE_WRITE_BYTE, (u8)c, 0);
    else
        sbi(LEGACY_PUTCHAR, 0, (u8)c, 0);
}

void sbi_set_timer(u64 ticks)
{
    sbi(EXT_TIME, SET_TIMER, ticks, 0);
}

static void __noreturn srst(u64 type, u64 reason)
{
    sbi(EXT_SRST, SYSTEM_RESET, type, reason);
    sbi(LEGACY_SHUTDOWN, 0, 0, 0); /* firmware without SRST */
    for (;;)
        __asm__ volatile("wfi");
}

void sbi_poweroff(bool failed)
{
    srst(SRST_SHUTDOWN, failed ? SRST_SYSTEM_FAILURE : 0);
}

void sbi_reboot(void)
{
    srst(SRST_COLD_REBOOT, 0);
}
