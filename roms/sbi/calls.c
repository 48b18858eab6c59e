/* SPDX-License-Identifier: MIT */
/* The calls, with SBI 2.0's names and in its order of chapters, but the legacy
 * ones last. There is one hart: a mask selects hart 0 or no hart. */
#include "sbi.h"

enum {
    EXT_BASE = 0x10,
    EXT_TIME = 0x54494d45,
    EXT_IPI = 0x735049,
    EXT_RFENCE = 0x52464e43,
    EXT_HSM = 0x48534d,
    EXT_SRST = 0x53525354,
    EXT_DBCN = 0x4442434e
};
#define SPEC_VERSION 0x02000000
#define IMPL_ID      0x636b /* not registered: "ck" */
#define IMPL_VERSION 1

static struct ret done(s64 error, u64 value)
{
    return (struct ret){error, value};
}

_Noreturn void finish(u32 value)
{
    *(volatile u32 *)FINISHER = value;
    for (;;)
        __asm__ volatile("wfi");
}

/* ---- base, chapter 4 ---------------------------------------------------- */

static bool has_extension(u64 ext)
{
    return ext <= LEGACY_SHUTDOWN || ext == EXT_BASE || ext == EXT_TIME ||
           ext == EXT_IPI || ext == EXT_RFENCE || ext == EXT_HSM ||
           ext == EXT_SRST || ext == EXT_DBCN;
}

enum {
    GET_SPEC_VERSION,
    GET_IMPL_ID,
    GET_IMPL_VERSION,
    PROBE_EXTENSION,
    GET_MVENDORID,
    GET_MARCHID,
    GET_MIMPID
};

static struct ret base(u64 function, const u64 *a)
{
    switch (function) {
    case GET_SPEC_VERSION:
        return done(SBI_OK, SPEC_VERSION);
    case GET_IMPL_ID:
        return done(SBI_OK, IMPL_ID);
    case GET_IMPL_VERSION:
        return done(SBI_OK, IMPL_VERSION);
    case PROBE_EXTENSION:
        return done(SBI_OK, has_extension(a[0]));
    case GET_MVENDORID:
        return done(SBI_OK, csr_read(mvendorid));
    case GET_MARCHID:
        return done(SBI_OK, csr_read(marchid));
    case GET_MIMPID:
        return done(SBI_OK, csr_read(mimpid));
    }
    return done(SBI_NOT_SUPPORTED, 0);
}

/* ---- timer, chapter 6 --------------------------------------------------- */

static void set_timer(u64 t)
{
    if (has_sstc) {
        csr_write(stimecmp, t);
        return;
    }
    *(volatile u64 *)MTIMECMP = t;
    csr_clear(mip, MIP_STIP);
    csr_set(mie, MIP_MTIP);
}

/* ---- interrupts and fences between harts, chapters 7 and 8 -------------- */

/* True if hart 0 or all (first -1) are selected. *error: another hart is. */
static bool selected(u64 mask, u64 first, s64 *error)
{
    *error = SBI_OK;
    if (first == ~0ul)
        return true;
    if ((first && mask) || mask & ~1ul)
        *error = SBI_INVALID_PARAM;
    return first == 0 && mask & 1 && *error == SBI_OK;
}

/* Flushes [start, start + size); all if both are 0 or size >= 63 pages. */
static void fence(u64 start, u64 size, bool has_asid, u64 asid)
{
    u64 pages = (size >> 12) + 2;
    bool all = (start == 0 && size == 0) || size == ~0ul || pages > 64 ||
               start + size < start;
    if (all && has_asid)
        __asm__ volatile("sfence.vma zero, %0" ::"r"(asid) : "memory");
    else if (all)
        __asm__ volatile("sfence.vma" ::: "memory");
    for (u64 va = start & ~4095ul; !all && va < start + size; va += 4096)
        if (has_asid)
            __asm__ volatile("sfence.vma %0, %1" ::"r"(va), "r"(asid)
                             : "memory");
        else
            __asm__ volatile("sfence.vma %0" ::"r"(va) : "memory");
}

enum { REMOTE_FENCE_I, REMOTE_SFENCE_VMA, REMOTE_SFENCE_VMA_ASID };

static struct ret rfence(u64 function, const u64 *a)
{
    s64 error;
    if (function > REMOTE_SFENCE_VMA_ASID) /* higher ones are for hypervisors */
        return done(SBI_NOT_SUPPORTED, 0);
    if (!selected(a[0], a[1], &error))
        return done(error, 0);
    if (function == REMOTE_FENCE_I)
        __asm__ volatile("fence.i" ::: "memory");
    else
        fence(a[2], a[3], function == REMOTE_SFENCE_VMA_ASID, a[4]);
    return done(SBI_OK, 0);
}

static struct ret ipi(u64 function, const u64 *a)
{
    s64 error;
    if (function != 0)
        return done(SBI_NOT_SUPPORTED, 0);
    if (selected(a[0], a[1], &error))
        csr_set(mip, MIP_SSIP);
    return done(error, 0);
}

/* ---- hart states, chapter 9 --------------------------------------------- */

/* In M-mode wfi ends with an interrupt that mie enables, even if mstatus
 * disables it; the kernel takes the interrupt when it runs again. */
static void wait(void)
{
    __asm__ volatile("wfi");
}

static _Noreturn void stop(void)
{
    csr_write(mie, 0);
    for (;;)
        wait();
}

/* The default types of suspension, table 9.1. The platform defines types from
 * 0x10000000 and, non-retentive, from 0x90000000 on; the rest is reserved. */
#define RETENTIVE     0u
#define NON_RETENTIVE 0x80000000u
#define OF_PLATFORM   0x70000000u

static struct ret suspend(struct frame *f, u32 type, u64 resume, u64 opaque)
{
    if (type != RETENTIVE && type != NON_RETENTIVE)
        return done(type & OF_PLATFORM ? SBI_NOT_SUPPORTED : SBI_INVALID_PARAM,
                    0);
    if (type == NON_RETENTIVE && resume >= (u64)_start && resume < (u64)_end)
        return done(SBI_INVALID_ADDRESS, 0);
    wait();
    if (type == RETENTIVE)
        return done(SBI_OK, 0);
    /* The kernel continues at `resume`, with the registers of table 9.2. */
    f->mepc = resume;
    f->mstatus &= ~(MSTATUS_SIE | MSTATUS_MPP);
    f->mstatus |= MSTATUS_MPP_S;
    csr_write(satp, 0);
    return done(0 /* a0: hart */, opaque);
}

enum { HART_START, HART_STOP, HART_GET_STATUS, HART_SUSPEND };

static struct ret hsm(struct frame *f, u64 function, const u64 *a)
{
    switch (function) {
    case HART_START:
        return done(a[0] ? SBI_INVALID_PARAM : SBI_ALREADY_AVAILABLE, 0);
    case HART_STOP:
        stop();
    case HART_GET_STATUS: /* 0 is STARTED */
        return done(a[0] ? SBI_INVALID_PARAM : SBI_OK, 0);
    case HART_SUSPEND:
        return suspend(f, (u32)a[0], a[1], a[2]);
    }
    return done(SBI_NOT_SUPPORTED, 0);
}

/* ---- reset, chapter 10 -------------------------------------------------- */

static struct ret reset(u64 function, const u64 *a)
{
    enum { SHUTDOWN, COLD_REBOOT, WARM_REBOOT };
    enum { NO_REASON, SYSTEM_FAILURE };
    u32 type = (u32)a[0], reason = (u32)a[1];
    if (function != 0)
        return done(SBI_NOT_SUPPORTED, 0);
    if (type > WARM_REBOOT || reason > SYSTEM_FAILURE)
        return done(SBI_INVALID_PARAM, 0);
    if (type != SHUTDOWN)
        finish(FINISHER_RESET);
    finish(reason != NO_REASON ? 1u << 16 | FINISHER_FAIL : FINISHER_PASS);
}

/* ---- debug console, chapter 12 ------------------------------------------ */

/* True if none of the n bytes at pa is the firmware's. There need not be memory
 * at pa: the access then faults. */
static bool outside_firmware(u64 pa, u64 n)
{
    return pa + n >= pa && (pa + n <= (u64)_start || pa >= (u64)_end);
}

enum { CONSOLE_WRITE, CONSOLE_READ, CONSOLE_WRITE_BYTE };

static struct ret console(u64 function, const u64 *a)
{
    u64 n = a[0], i = 0;
    int failed = 0, c;
    if (function == CONSOLE_WRITE_BYTE) {
        console_put((u8)a[0]);
        return done(SBI_OK, 0);
    }
    if (function > CONSOLE_WRITE_BYTE)
        return done(SBI_NOT_SUPPORTED, 0);
    if (a[2] || !outside_firmware(a[1], n))
        return done(SBI_INVALID_PARAM, 0);
    u8 *p = (u8 *)a[1];
    for (; i < n; i++) {
        if (function == CONSOLE_WRITE) {
            u64 byte = guarded_load(p + i, &failed);
            if (failed)
                break;
            console_put((u8)byte);
        } else {
            if ((c = console_get()) < 0)
                break;
            guarded_store(p + i, (u64)c, &failed);
            if (failed)
                break;
        }
    }
    return failed && i == 0 ? done(SBI_INVALID_PARAM, 0) : done(SBI_OK, i);
}

/* ---- dispatch ----------------------------------------------------------- */

struct ret sbi_call(struct frame *f)
{
    const u64 *a = &f->x[10];
    u64 function = f->x[16];
    switch (f->x[17]) {
    case EXT_BASE:
        return base(function, a);
    case EXT_TIME:
        if (function)
            return done(SBI_NOT_SUPPORTED, 0);
        set_timer(a[0]);
        return done(SBI_OK, 0);
    case EXT_IPI:
        return ipi(function, a);
    case EXT_RFENCE:
        return rfence(function, a);
    case EXT_HSM:
        return hsm(f, function, a);
    case EXT_SRST:
        return reset(function, a);
    case EXT_DBCN:
        return console(function, a);
    }
    return done(SBI_NOT_SUPPORTED, 0);
}

/* The legacy calls, chapter 5. A hart mask is passed by its virtual address in
 * the kernel; a null pointer means all harts. */
s64 sbi_legacy(struct frame *f)
{
    const u64 *a = &f->x[10];
    u64 call = f->x[17], mask = 1;
    int failed = 0;
    if (call >= LEGACY_SEND_IPI && call <= LEGACY_SFENCE_VMA_ASID && a[0])
        mask = guarded_load_virtual((const void *)a[0], &failed);
    if (failed)
        return SBI_INVALID_ADDRESS;
    switch (call) {
    case LEGACY_SET_TIMER:
        set_timer(a[0]);
        break;
    case LEGACY_PUTCHAR:
        console_put((u8)a[0]);
        break;
    case LEGACY_GETCHAR:
        return console_get();
    case LEGACY_CLEAR_IPI:
        csr_clear(mip, MIP_SSIP);
        break;
    case LEGACY_SEND_IPI:
        if (mask & 1)
            csr_set(mip, MIP_SSIP);
        break;
    case LEGACY_FENCE_I:
        __asm__ volatile("fence.i" ::: "memory");
        break;
    case LEGACY_SFENCE_VMA:
        fence(a[1], a[2], false, 0);
        break;
    case LEGACY_SFENCE_VMA_ASID:
        fence(a[1], a[2], true, a[3]);
        break;
    case LEGACY_SHUTDOWN:
        finish(FINISHER_PASS);
    }
    return 0;
}
