/* SPDX-License-Identifier: MIT */
/* Gives history/ what it asks of the machine: its memories and other state, its
 * run loop, its input from outside, and the identity of a recording. */
#include "history/copies.h"
#include "machine/parts.h"

#include <stdlib.h>

#include <xxhash.h>

struct moment machine_moment(const struct machine *m)
{
    return (struct moment){machine_now(m), m->hart.instret,
                           engine_traps(m->engine), m->parts->dispatched};
}

/* ---- memories ----------------------------------------------------------- */

static const u8 *ram_page_get(void *machine, u64 i)
{
    struct machine *m = machine;
    const u8 *p = m->ram + i * PAGE_BYTES;
    bool zero = !p[0] && !memcmp(p, p + 1, PAGE_BYTES - 1);
    return zero ? NULL : p;
}

static void ram_page_put(void *machine, u64 i, const u8 *p)
{
    static const u8 zeros[PAGE_BYTES];
    struct machine *m = machine;
    u8 *to = m->ram + i * PAGE_BYTES;
    p = p ? p : zeros;
    if (!memcmp(to, p, PAGE_BYTES))
        return;
    memcpy(to, p, PAGE_BYTES);
    engine_ram_written(m->engine, RAM_BASE + i * PAGE_BYTES, PAGE_BYTES);
}

static const u8 *disk_page_get(void *backing, u64 i)
{
    return backing_page(backing, i, copies_mark);
}

static void disk_page_put(void *backing, u64 i, const u8 *p)
{
    backing_put_page(backing, i, p, copies_mark);
}

static void own_memories(struct machine *m)
{
    struct machine_parts *p = m->parts;
    history_memory(
        m->past, &(struct history_memory){m->ram_bytes / PAGE_BYTES, PAGE_BYTES,
                                          engine_written(m->engine), m,
                                          ram_page_get, ram_page_put});
    for (unsigned i = 0; i < p->ndisks; i++) {
        struct backing *b = &p->backing[i];
        if (b->overlay)
            history_memory(m->past, &(struct history_memory){
                                        b->pages, PAGE_BYTES, b->written, b,
                                        disk_page_get, disk_page_put});
    }
}

/* ---- other state -------------------------------------------------------- */

static bool is_off(const struct machine *m)
{
    return m->off;
}

static void visit(struct machine *m, struct state *s)
{
    machine_visit(m, s);
    /* After a sleep the clock may be overdue: the cycle does not give `at`. */
    state_val(s, m->parts->clock[CLOCK_TRUTH].at);
    state_flag(s, &m->parts->console_ended);
}

static void snapshot_taken(struct machine *m)
{
    engine_written_clear(m->engine);
}

static void snapshot_restored(struct machine *m, struct moment at)
{
    engine_written_clear(m->engine);
    engine_context_changed(m->engine);
    engine_watch_line(m->engine, m->parts->htif.tohost);
    engine_set_traps(m->engine, at.traps);
    engine_forget_stops(m->engine);
    m->parts->dispatched = at.events;
    m->parts->caught = false;
}

static const char *wrote_file(struct machine *m)
{
    struct machine_parts *p = m->parts;
    const char *file = NULL;
    for (unsigned i = 0; i < p->ndisks; i++) {
        if (p->backing[i].left_machine == p->file_writes[i])
            continue;
        p->file_writes[i] = p->backing[i].left_machine;
        file = p->backing[i].file;
    }
    return file;
}

/* ---- running ------------------------------------------------------------ */

static u64 wakes(const struct machine *m)
{
    return hart_waits(&m->hart)
               ? earlier(events_next(&m->events), m->hart.wake_at)
               : NEVER;
}

static void lower_deadline(struct machine *m, u64 cycle)
{
    if (cycle >= m->parts->deadline)
        return;
    m->parts->deadline = cycle;
    engine_set_deadline(m->engine, cycle);
}

static void repeat_input(struct machine *m, const struct input_entry *e)
{
    machine_repeat_input(m, e);
    m->parts->dispatched++;
}

/* ---- output while repeating --------------------------------------------- */

static void tell_repeated(const struct machine *m, bool pipe, u8 byte)
{
    const struct host_io *io = &m->parts->live;
    if (io->repeated)
        io->repeated(io->opaque, pipe, byte);
}

static void repeated_console(void *machine, u8 byte)
{
    tell_repeated(machine, false, byte);
}

static void repeated_pipe(void *machine, u8 byte)
{
    tell_repeated(machine, true, byte);
}

static void hush(struct machine *m, bool repeating)
{
    if (!repeating) {
        m->io = m->parts->live;
        return;
    }
    m->parts->live = m->io;
    m->io.opaque = m;
    m->io.console_out = repeated_console;
    m->io.pipe_out = m->io.pipe_err = repeated_pipe;
}

/* ---- a recording -------------------------------------------------------- */

/* Nearly every difference between two machines soon changes a register. */
static u64 digest(const struct machine *m)
{
    const struct hart *h = &m->hart;
    u64 of[] = {h->pc,     h->priv, h->mstatus, h->satp,
                h->scause, h->sepc, h->mip,     engine_traps(m->engine)};
    u64 x = XXH3_64bits_withSeed(h->x, sizeof(h->x), h->cycle);
    u64 f = XXH3_64bits_withSeed(h->f, sizeof(h->f), h->instret);
    return XXH3_64bits_withSeed(of, sizeof(of), x ^ (f << 1));
}

void machine_note_disks(struct machine *m)
{
    for (unsigned i = 0; i < m->parts->ndisks; i++)
        m->parts->backing[i].digest_at_start =
            backing_digest(&m->parts->backing[i]);
}

void machine_make_past(struct machine *m)
{
    static const struct history_port port = {
        .now = machine_moment,
        .off = is_off,
        .visit = visit,
        .taken = snapshot_taken,
        .restored = snapshot_restored,
        .wrote_file = wrote_file,
        .run = machine_run,
        .step = machine_step,
        .wakes = wakes,
        .ask_stop = machine_ask_stop,
        .lower_deadline = lower_deadline,
        .input = repeat_input,
        .hush = hush,
        .digest = digest,
        .hash = machine_hash,
        .configuration = machine_configuration,
        .same_configuration = machine_same_configuration,
    };
    m->past = history_new(&port, m, m->ram_bytes);
    own_memories(m);
}
