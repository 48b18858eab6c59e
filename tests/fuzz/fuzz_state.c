/* SPDX-License-Identifier: MIT */
// rooms: base isa hart mmu time engine dev boot history machine linux xv6
// max_len: 240
/* Loads damaged saved machines: each is refused, or runs on, but never crashes.
 * The input is a list of damages to one good save (a whole save would be mostly
 * RAM). Each has five bytes: kind, part, offset in it (2 bytes), value. The
 * checksum is made to match, so each damage reaches the part's own checks. The
 * machine runs in S under Sv39 with warm TLBs, walker cache and caches, has
 * disk requests in flight and bytes on the wire. A machine that was loaded also
 * goes back in time and into another future: however odd its state, it must
 * find each moment of its past as it was. */
#include "small_machine.h"
#include "history/past.h"
#include "machine/parts.h"

#include <stdlib.h>

#define DISK_CYCLES 200000 /* enough for all requests */
#define PAST_BYTES  (8ull << 20)
#define INTERVAL    400 /* steps between two snapshots */

static struct machine *m;
static u8 *good, *bad;
static size_t size;

/* The offsets at which the parts of the save begin. */
#define PARTS 64
static size_t part[PARTS + 1];
static unsigned nparts;

static void write_reg(unsigned slot, u64 off, u64 v)
{
    virtio_write(&m->parts->virtio[slot], off, 4, m->hart.cycle, v);
}

/* Makes three requests of disk `slot`: out, in, flush; tables at RAM + at. */
static void disk_requests(unsigned slot, u64 at)
{
    u8 *p = m->ram + at;
    u64 pa = RAM_BASE + at;
    for (unsigned i = 0; i < 3; i++) {
        u8 *d = p + i * 48;
        put_le(d, pa + 0xc00 + i * 16, 8);
        put_le(d + 8, 16, 4);
        put_le(d + 12, 1, 2);
        put_le(d + 14, i * 3 + 1, 2);
        put_le(d + 16, pa + 0x1000, 8);
        put_le(d + 24, 1024, 4);
        put_le(d + 28, i == 1 ? 3 : 1, 2);
        put_le(d + 30, i * 3 + 2, 2);
        put_le(d + 32, pa + 0xd00 + i, 8);
        put_le(d + 40, 1, 4);
        put_le(d + 44, 2, 2);
        put_le(p + 0xc00 + i * 16, (u64[]){1, 0, 4}[i], 4);
        put_le(p + 0xc00 + i * 16 + 8, i * 8, 8);
        put_le(p + 0x404 + i * 2, i * 3, 2);
    }
    put_le(p + 0x402, 3, 2);
    write_reg(slot, 0x70, 7);
    write_reg(slot, 0x38, 16);
    write_reg(slot, 0x80, pa);
    write_reg(slot, 0x90, pa + 0x400);
    write_reg(slot, 0xa0, pa + 0x800);
    write_reg(slot, 0x44, 1);
    write_reg(slot, 0x50, 0);
}

/* Goes from M to S, with RAM mapped to its own addresses by small pages, and
 * the devices by one large page. */
static void paging(void)
{
    enum { ROOT = 0x30000, L1 = 0x31000, L0 = 0x32000, PAGES = 256 };
    struct hart *h = &m->hart;
    put_le(m->ram + ROOT, PTE_V | PTE_R | PTE_W | PTE_X | PTE_A | PTE_D, 8);
    put_le(m->ram + ROOT + 16, (RAM_BASE + L1) >> 2 | PTE_V, 8);
    put_le(m->ram + L1, (RAM_BASE + L0) >> 2 | PTE_V, 8);
    for (u64 i = 0; i < PAGES; i++)
        put_le(m->ram + L0 + 8 * i,
               (RAM_BASE + (i << 12)) >> 2 | PTE_V | PTE_R | PTE_W | PTE_X, 8);
    h->satp = SATP_MODE_SV39 << 60 | (RAM_BASE + ROOT) >> 12;
    h->pmpaddr[0] = ~0ull >> 10;
    h->pmpcfg[0] = PMP_NAPOT | PMP_R | PMP_W | PMP_X;
    h->mcounteren = 7;
    h->priv = PRV_S;
    engine_context_changed(m->engine);
}

/* Lets time pass without instructions, then runs a few; four times. */
static void wait_for_disks(void)
{
    u64 now = m->hart.cycle;
    for (unsigned i = 0; i < 4; i++) {
        engine_idle_until(m->engine, now + DISK_CYCLES / 4 * (i + 1));
        machine_run(m, m->hart.cycle + 500);
    }
}

/* Returns true if p may be a part's name: small letters, digits and '-', then
 * zeros up to 16 bytes. */
static bool is_name(const u8 *p)
{
    unsigned n = 0;
    while (n < 16 && (p[n] == '-' || (p[n] >= '0' && p[n] <= '9') ||
                      (p[n] >= 'a' && p[n] <= 'z')))
        n++;
    for (unsigned i = n; i < 16; i++)
        if (p[i])
            return false;
    return n > 1 && n < 16;
}

static void find_parts(void)
{
    for (size_t i = 0; i + 16 < size && nparts < PARTS; i++)
        if (is_name(good + i)) {
            part[nparts++] = i;
            i += 15;
        }
    part[nparts] = size;
    assert(nparts > 16);
}

static void read_back(const char *file)
{
    FILE *f = fopen(file, "rb");
    assert(f);
    good = xcalloc(1, 8 << 20);
    size = fread(good, 1, 8 << 20, f);
    fclose(f);
    bad = xcalloc(1, size);
}

int LLVMFuzzerInitialize(UNUSED int *argc, UNUSED char ***argv)
{
    struct host_io io = {0};
    char err[100];
    struct config *c = small_config();
    c->disk_model = "nvme"; /* its requests end within wait_for_disks() */
    m = machine_new(c, &io);
    history_begin(m->past, PAST_BYTES);
    m->past->interval = INTERVAL;
    m->past->progress_cycles = 500;
    paging();
    machine_run(m, 30000);
    assert(m->hart.priv == PRV_S); /* its program still runs */
    disk_requests(0, 0x10000);
    disk_requests(1, 0x20000);
    machine_input(m, "keys", 4);
    machine_run(m, 31000);
    bool saved = machine_save(m, fuzz_file("", 0), err, sizeof err);
    assert(saved);
    (void)saved;
    read_back(fuzz_file_path());
    find_parts();
    /* The requests were in flight; the undamaged machine ends them. */
    assert(get_le(m->ram + 0x10802, 2) == 0);
    wait_for_disks();
    assert(get_le(m->ram + 0x10802, 2) == 3 &&
           get_le(m->ram + 0x20802, 2) == 3);
    return 0;
}

static size_t damage(const u8 *d, size_t n)
{
    size_t left = size;
    memcpy(bad, good, size);
    for (; n >= 5; d += 5, n -= 5) {
        size_t from = part[d[1] % nparts], end = part[d[1] % nparts + 1];
        size_t at = get_le(d + 2, 2);
        if (end - from > 1 << 16) /* long parts at a coarser grain */
            at *= (end - from) >> 16;
        at = from + at % (end - from);
        switch (d[0] & 7) {
        case 0 ... 2:
            bad[at] ^= (u8)(1 << (d[4] & 7));
            break;
        case 3 ... 4:
            bad[at] = d[4];
            break;
        case 5:
            memset(bad + at, d[4] & 1 ? 0xff : 0,
                   size - at < 8 ? size - at : 8);
            break;
        case 6:
            put_le(bad + (at + 8 > size ? 0 : at), 1ull << (d[4] & 63), 8);
            break;
        default:
            left = at < left ? at : left;
        }
    }
    return left;
}

static void same_hash(const char *want)
{
    char hash[33];
    machine_hash(m, hash);
    assert(!strcmp(hash, want));
    (void)want;
}

static void run_in_pieces(void)
{
    for (unsigned i = 0; i < 4; i++)
        machine_run(m, m->hart.cycle + 300);
}

static void must_arrive(enum history_end e)
{
    assert(e == HISTORY_THERE);
    (void)e;
}

/* Goes back to a moment and forward again, back by some steps (which `back`
 * chooses), into another future and out of it. */
static void through_time(u64 back)
{
    char then[33], now[33];
    machine_input(m, "x", 1);
    run_in_pieces();
    struct moment at = history_now(m->past);
    machine_hash(m, then);
    run_in_pieces();
    machine_hash(m, now);
    must_arrive(history_goto(m->past, at));
    same_hash(then);
    must_arrive(history_goto(m->past, history_present(m->past)));
    same_hash(now);
    u64 past = moment_steps(history_now(m->past)) -
               moment_steps(history_first(m->past));
    if (past)
        must_arrive(history_back(m->past, 1 + back % past));
    if (history_branch(m->past)) {
        machine_input(m, "y", 1);
        run_in_pieces();
        bool left = history_leave_branch(m->past);
        assert(left);
        (void)left;
        same_hash(now);
    }
    must_arrive(history_goto(m->past, at));
    same_hash(then);
    must_arrive(history_goto(m->past, history_present(m->past)));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t n)
{
    char err[200] = "", hash[33];
    size_t left = damage(data, n);
    state_seal(bad, left);
    history_restart(
        m->past); /* no log has what wait_for_disks(), paging() did */
    if (machine_load(m, fuzz_file(bad, left), err, sizeof err)) {
        machine_run(m, m->hart.cycle + 3000);
        machine_step(m, 100);
        through_time(n ? data[n - 1] * 7 : 0);
        machine_set_timing(m, TIMING_FAST);
        wait_for_disks();
        machine_input(m, "x", 1);
        machine_hash(m, hash);
    } else {
        assert(*err);
        through_time(left); /* most refusals have reset it */
    }
    return 0;
}
