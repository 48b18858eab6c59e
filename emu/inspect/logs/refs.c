/* SPDX-License-Identifier: MIT */
/* Writes --refs: the pages that programs touch, as the engine reports them
 * (engine_on_touch), in the format of abi/refs.h. The engine may report a page
 * again for reasons of its own. Only the touches that the format requires are
 * written, so that interpreter and translator write the same file. */
#include "inspect/logs/refs_internal.h"
#include "inspect/events.h"
#include "inspect/internal.h"
#include "inspect/logs.h"

#include <errno.h>

#define NOBODY 0xffffffffu
#define FAULTS 64 /* faults not retried yet; one more drops the oldest */

struct refs_fault {
    u64 page;
    u32 process;
    enum refs_kind kind;
};

/* ---- records ---- */

void refs_record(struct ins_refs *r, enum refs_type type, unsigned bits)
{
    u64 now = machine_now(r->m);
    refs_seam_settle(r);
    if (now / r->ms != r->at / r->ms) {
        refs_stream_byte(r->out, REFS_CYCLES);
        refs_stream_number(r->out, now - r->at);
        r->at = now;
    }
    refs_stream_byte(r->out, (u8)(type | bits << 3));
}

void refs_text(struct ins_refs *r, const char *name, const char *value)
{
    size_t n = strlen(name), k = strlen(value);
    refs_record(r, REFS_TEXT, 0);
    refs_stream_number(r->out, n + 1 + k);
    for (size_t i = 0; i < n; i++)
        refs_stream_byte(r->out, (u8)name[i]);
    refs_stream_byte(r->out, ' ');
    for (size_t i = 0; i < k; i++)
        refs_stream_byte(r->out, (u8)value[i]);
}

/* ---- processes ---- */

static u32 number_of_root(struct ins_refs *r, u64 root)
{
    for (u32 i = 0; i < r->nroots; i++)
        if (r->root[i] == root)
            return i + 1;
    r->root = xrealloc(r->root, (r->nroots + 1) * sizeof *r->root);
    r->root[r->nroots++] = root;
    return r->nroots;
}

u32 refs_process(struct ins_refs *r)
{
    return ins_lens(r->m) ? ins_current_pid(r->m)
                          : number_of_root(r, SATP_ROOT(r->m->hart.satp));
}

/* ---- touches ---- */

static void fault_waits(struct ins_refs *r, struct refs_fault f)
{
    if (r->nfaults == FAULTS)
        memmove(r->faults, r->faults + 1, --r->nfaults * sizeof f);
    r->faults[r->nfaults++] = f;
}

/* True if this touch has faulted before; removes that fault from the list. */
static bool fault_repeated(struct ins_refs *r, const struct refs_fault *f)
{
    unsigned n = 0;
    for (unsigned i = 0; i < r->nfaults; i++) {
        const struct refs_fault *w = &r->faults[i];
        if (w->process != f->process || w->page != f->page ||
            w->kind != f->kind)
            r->faults[n++] = *w;
    }
    bool was = n < r->nfaults;
    r->nfaults = n;
    return was;
}

/* True if the touch must be written even without a fault; notes its kind. */
static bool must_write(struct ins_refs *r, const struct refs_fault *t,
                       bool kernel)
{
    bool data = t->kind != REFS_FETCH;
    u8 kind = data ? (u8)(1u << (2 * kernel + (t->kind == REFS_STORE))) : 0;
    if (r->of[data] != t->process || r->page[data] != t->page) {
        if (data)
            r->kinds = kind;
        return true;
    }
    if (!data || r->kinds & kind)
        return false;
    r->kinds |= kind;
    return true;
}

void refs_touch(struct ins_refs *r, u32 process, u64 va, enum refs_kind kind,
                bool kernel, bool fault)
{
    struct refs_fault t = {va >> PAGE_SHIFT, process, kind};
    bool data = kind != REFS_FETCH, again;
    if (fault) {
        fault_waits(r, t);
        return;
    }
    again = r->nfaults && fault_repeated(r, &t);
    if (!must_write(r, &t, kernel) && !again)
        return;
    if (r->process != process) {
        refs_record(r, REFS_PROCESS, 0);
        refs_stream_number(r->out, process);
        r->process = process;
    }
    refs_record(r, REFS_TOUCH,
                kind | (unsigned)kernel << 2 | (unsigned)again << 3);
    refs_stream_number(r->out, refs_fold((s64)(t.page - r->page[data])));
    r->page[data] = t.page;
    r->of[data] = process;
    r->touches++;
}

static void on_touch(void *opaque, u64 va, enum access access, bool faults)
{
    static const enum refs_kind kinds[] = {[ACC_FETCH] = REFS_FETCH,
                                           [ACC_LOAD] = REFS_LOAD,
                                           [ACC_STORE] = REFS_STORE};
    struct ins_refs *r = opaque;
    bool upper_half = va >> 38; /* kernel addresses */
    if (history_repeats(r->m->past) || upper_half)
        return;
    refs_touch(r, refs_process(r), va, kinds[access], r->m->hart.priv != PRV_U,
               faults);
}

static void on_event(void *opaque, const struct ins_event *ev)
{
    struct ins_refs *r = opaque;
    bool zeros = ev->reason == R_DEMAND_ZERO || ev->reason == R_STACK_GROW ||
                 ev->reason == R_ZERO_MAP;
    if (!zeros || !ev->va || history_repeats(r->m->past))
        return;
    refs_record(r, REFS_BORN, 0);
    refs_stream_number(r->out, ev->pid);
    refs_stream_number(r->out, ev->va >> PAGE_SHIFT);
}

/* ---- open and close ---- */

struct ins_refs *inspect_refs_open(struct machine *m, struct ins_events *e,
                                   const char *path)
{
    struct ins_refs *r = xcalloc(1, sizeof *r);
    char hz[24];
    r->m = m;
    r->out = refs_stream_open(path);
    if (!r->out)
        die(path, "cannot be written: %s", strerror(errno));
    r->ms = cycles_per_ms(m->clock_hz);
    r->of[0] = r->of[1] = NOBODY;
    r->faults = xcalloc(FAULTS, sizeof *r->faults);
    snprintf(hz, sizeof hz, "%llu", m->clock_hz);
    refs_text(r, "clock_hz", hz);
    r->seam = refs_seam_open(r);
    engine_on_touch(m->engine, on_touch, r);
    r->events = e;
    inspect_events_follow(e, on_event, r);
    return r;
}

bool inspect_refs_close(struct ins_refs *r)
{
    if (!r)
        return true;
    engine_on_touch(r->m->engine, NULL, NULL);
    inspect_events_unfollow(r->events, r);
    refs_record(r, REFS_END, 0);
    refs_stream_number(r->out, r->touches);
    bool ok = refs_stream_close(r->out);
    int error = errno;
    refs_seam_close(r->seam);
    free_all(r->faults, r->root, r);
    errno = error;
    return ok;
}
