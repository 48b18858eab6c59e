/* SPDX-License-Identifier: MIT */
/* Runs Clockhand in this process, with a machine for each run. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "coverage.h"
#include "run.h"
#include "software_ad.h"

const char *elf_file(char path[40], const void *bytes, size_t n)
{
    u8 elf[0x1000] = "\177ELF\2\1\1";
    put_le(elf + 16, 2, 2);
    put_le(elf + 18, 243, 2);
    put_le(elf + 20, 1, 4);
    put_le(elf + 24, MONITOR_PA, 8);
    put_le(elf + 32, 64, 8);
    put_le(elf + 52, 64, 2);
    put_le(elf + 54, 56, 2);
    put_le(elf + 56, 1, 2);
    put_le(elf + 58, 64, 2);
    put_le(elf + 64, 1, 4);
    put_le(elf + 68, 7, 4);
    put_le(elf + 72, 0x1000, 8);
    put_le(elf + 80, MONITOR_PA, 8);
    put_le(elf + 88, MONITOR_PA, 8);
    put_le(elf + 96, n, 8);
    put_le(elf + 104, n, 8);
    put_le(elf + 112, 0x1000, 8);
    int fd = memfd_create("program", 0);
    if (fd < 0 || write(fd, elf, sizeof elf) != (ssize_t)sizeof elf ||
        write(fd, bytes, n) != (ssize_t)n)
        die("difftest", "no memory for a file");
    snprintf(path, 40, "/proc/self/fd/%d", fd);
    return path;
}

/* The executable has only an entry point: RAM is filled afterwards. */
const char *small_elf(void)
{
    static char path[40];
    return path[0] ? path : elf_file(path, "\0\0\0", 4);
}

enum access access_of(u64 cause)
{
    return cause == CAUSE_FETCH_PAGE || cause == CAUSE_FETCH_ACCESS ? ACC_FETCH
           : cause == CAUSE_LOAD_PAGE || cause == CAUSE_LOAD_ACCESS ? ACC_LOAD
                                                                    : ACC_STORE;
}

struct peek {
    const struct machine *m;
    const struct hart *h;
};

static bool peek(void *opaque, u64 pa, u64 *pte)
{
    struct peek *p = opaque;
    if (pa < MONITOR_PA || pa > MONITOR_PA + RAM_SIZE - 8 ||
        !hart_pmp_ok(p->h, pa, 8, 1, PRV_S))
        return false;
    *pte = get_le(p->m->ram + (pa - MONITOR_PA), 8);
    return true;
}

void probe(struct machine *m, const struct hart *h, u64 va, enum access access,
           u32 priv, struct walk *w)
{
    struct peek p = {m, h};
    struct mmu_ctx ctx = {.satp = h->satp,
                          .priv = priv,
                          .sum = h->mstatus & MSTATUS_SUM,
                          .mxr = h->mstatus & MSTATUS_MXR,
                          .hw_ad = true,
                          .napot = hart_has(h, EXT_SVNAPOT),
                          .pbmt = hart_pbmt(h)};
    mmu_probe(&ctx, va, access, peek, &p, w);
}

static u64 finish(struct machine *m, enum machine_stop stop, u8 *out)
{
    u64 instret = stop == MS_OFF ? m->hart.instret : 0;
    memcpy(out, m->ram, IMAGE_BYTES);
    machine_free(m);
    return instret;
}

u64 run_ours(const u8 *image, u8 *out, enum mode mode, const struct setting *s,
             u64 limit, struct coverage *cov)
{
    struct config c;
    struct host_io io = {0};
    char isa[ISA_TEXT];
    config_defaults(&c);
    isa_text(s->ours, isa);
    c.elf = small_elf();
    c.isa = isa;
    c.ram_bytes = RAM_SIZE;
    c.timing = mode == MODE_CYCLE ? TIMING_CYCLE : TIMING_FAST;
    c.hw_ad = s->hw_ad && mode != MODE_SOFTWARE_AD;
    c.max_instructions = limit;
    /* fast and cycle are translated, the other modes interpreted: both engines
     * are judged */
    c.heat = 1;
    c.interpreted = mode == MODE_SOFTWARE_AD || !engine_translates();
    struct machine *m = machine_new(&c, &io);
    memcpy(m->ram, image, IMAGE_BYTES);
    engine_ram_written(m->engine, MONITOR_PA, IMAGE_BYTES);
    if (mode == MODE_FAST || mode == MODE_CYCLE)
        return finish(m, machine_run(m, NEVER), out);
    enum machine_stop stop;
    if (mode == MODE_SOFTWARE_AD) {
        struct software_ad *a = xcalloc(1, sizeof *a);
        software_ad_watch(a, m);
        while ((stop = machine_run(m, NEVER)) == MS_TRAPPED)
            software_ad_trap(a);
        if (cov)
            cov->count[C_SOFTWARE_AD] += a->set;
        free(a);
        return finish(m, stop, out);
    }
    coverage_watch(cov, m);
    while ((stop = machine_run(m, NEVER)) == MS_TRAPPED)
        coverage_trap(cov, m);
    return finish(m, stop, out);
}
