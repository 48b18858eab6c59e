/* SPDX-License-Identifier: MIT */
#include "arch/sbi.h"
#include "arch/csr.h"

#define EXT_BASE    0x10
#define EXT_TIME    0x54494d45
#define EXT_SRST    0x53525354
#define EXT_DBCN    0x4442434e
#define LEGACY_PUT  0x01
#define LEGACY_DOWN 0x08

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
    struct sbiret r = sbi(EXT_BASE, 3, ext, 0);
    return r.error == 0 && r.value != 0;
}

void sbi_init(void)
{
    have_dbcn = probe(EXT_DBCN);
}

void sbi_putchar(char c)
{
    if (have_dbcn)
        sbi(EXT_DBCN, 2, (u8)c, 0);
    else
        sbi(LEGACY_PUT, 0, (u8)c, 0);
}

void sbi_set_timer(u64 ticks)
{
    sbi(EXT_TIME, 0, ticks, 0);
}

static void __noreturn srst(u64 type, u64 reason)
{
    sbi(EXT_SRST, 0, type, reason);
    sbi(LEGACY_DOWN, 0, 0, 0); /* firmware without SRST */
    for (;;)
        __asm__ volatile("wfi");
}

void sbi_poweroff(bool failed)
{
    srst(0, failed);
}

void sbi_reboot(void)
{
    srst(1, 0);
}
