/* SPDX-License-Identifier: MIT */
/* Questions about what the kernel manages: one frame, processes, events, free
 * blocks; and `audit`, which checks its accounts. */
#include "monitor/session/session.h"

#include <ctype.h>
#include <stdlib.h>

static double milliseconds(struct session *s, u64 cycles)
{
    return (double)cycles * 1e3 / (double)s->m->clock_hz;
}

/* ---- events ------------------------------------------------------------- */

static void event_json(struct json *j, const struct ins_event *e)
{
    json_open(j, NULL, '{');
    json_u64(j, "number", e->number);
    json_u64(j, "cycle", e->cycle);
    json_u64(j, "pid", e->pid);
    json_u64(j, "tid", e->tid ? e->tid : e->pid);
    if (e->pfn != LENS_NO_PFN) {
        json_u64(j, "pfn", e->pfn);
        json_str(j, "from", inspect_state_word(e->from));
        json_str(j, "to", inspect_state_word(e->to));
    }
    json_str(j, "reason", inspect_reason_word(e->reason));
    json_str(j, "actor", inspect_actor_word(e->actor));
    if (e->va)
        json_hex(j, "va", e->va);
    if (e->fault_va)
        json_hex(j, "fault_va", e->fault_va);
    if (e->owner)
        json_u64(j, "owner", e->owner);
    if (e->source)
        json_u64(j, "source", e->source);
    if (e->pc)
        json_hex(j, "pc", e->pc);
    json_close(j, '}');
}

/* The frame was another process's than the event's: who lost it. One that is
 * shared, or that lay in swap for several, may be with any of those who shared
 * it since it was taken. */
static void event_owner(struct session *s, const struct ins_event *e)
{
    struct ins_proc p;
    const char *of =
        e->from == FS_COW || e->reason == R_SWAP_MAP ? "first taken for" : "of";
    if (!e->owner || e->owner == e->pid)
        return;
    if (inspect_proc(s->m, e->owner, &p))
        say(s, ", %s %s (pid %u)", of, p.name, e->owner);
    else
        say(s, ", %s pid %u (ended)", of, e->owner);
}

void event_text(struct session *s, const struct ins_event *e)
{
    say(s, "%14llu  pid %-5u ", (unsigned long long)e->cycle, e->pid);
    if (e->tid)
        say(s, "thread %u ", e->tid);
    if (e->pfn != LENS_NO_PFN && e->from == e->to)
        say(s, "frame %-6u stays %s: ", e->pfn, inspect_state_word(e->to));
    else if (e->pfn != LENS_NO_PFN)
        say(s, "frame %-6u %s -> %s: ", e->pfn, inspect_state_word(e->from),
            inspect_state_word(e->to));
    say(s, "%s (%s)", inspect_reason_word(e->reason),
        inspect_actor_word(e->actor));
    bool of_another = e->space != e->pid;
    if (of_another)
        event_owner(s, e);
    if (e->va)
        say(s, " at 0x%llx", (unsigned long long)e->va);
    if (e->source)
        say(s, ", from frame %u", e->source);
    if (e->fault_va)
        say(s, ", for the fault at 0x%llx", (unsigned long long)e->fault_va);
    if (e->pc)
        say(s, ", pc 0x%llx", (unsigned long long)e->pc);
    if (!of_another)
        event_owner(s, e);
    say(s, "\n");
}

void events_list(struct session *s, struct json *j, const char *key,
                 const struct ins_event *e, unsigned n)
{
    json_open(j, key, '[');
    for (unsigned i = 0; i < n; i++) {
        event_json(j, &e[i]);
        if (!s->json)
            event_text(s, &e[i]);
    }
    json_close(j, ']');
}

void events_head(struct session *s)
{
    if (!s->json)
        say(s, "         cycle  process   what happened (who did it), the "
               "latest first\n");
}

/* The latest of a frame (or of all), newest first. */
static void events(struct session *s, struct json *j, const char *key, u32 pfn,
                   unsigned most)
{
    struct ins_event e[256];
    unsigned n = inspect_events_recent(
        s->events, pfn, e, most < ARRAY_LEN(e) ? most : ARRAY_LEN(e));
    if (n)
        events_head(s);
    events_list(s, j, key, e, n);
    u32 total = inspect_events_of_frame(s->events, pfn);
    if (!s->json && total > n)
        say(s, "and %u before these: why %u\n", total - n, pfn);
}

#define MOST_EVENTS 256 /* of info events, at once */

/* Which events are asked for, and those found, newest first. */
struct of_kind {
    u64 reasons, pid, first; /* pid: NO_PID any; first: their least number */
    bool from;               /* the oldest of them: a batch */
    u64 found;
    unsigned most;
    struct ins_event e[MOST_EVENTS];
};
#define NO_PID (~0ull)

/* Of a batch the oldest events stay: each takes the place of a newer one. */
static bool take_kind(void *opaque, const struct ins_event *e)
{
    struct of_kind *k = opaque;
    if (e->number < k->first)
        return false;
    if (e->reason >= 64 || !(k->reasons >> e->reason & 1) ||
        (k->pid != NO_PID && k->pid != e->pid))
        return true;
    if (k->found < k->most)
        k->e[k->found] = *e;
    else if (k->from && k->most)
        k->e[k->found % k->most] = *e;
    k->found++;
    return true;
}

/* [N] [EVENT] [pid P] [from NUMBER], in any order. */
static bool kind_asked(struct session *s, const char *args, struct of_kind *k)
{
    char word[40];
    u64 n = 20;
    while (args_more(&args)) {
        if (isdigit((u8)*args)) {
            if (!args_value(s, &args, &n, "a count"))
                return false;
            continue;
        }
        if (!args_event(&args, word, sizeof word) &&
            !args_word(s, &args, word, sizeof word, "an event"))
            return false;
        if (word_same(word, "pid")) {
            if (!args_pid(s, &args, &k->pid))
                return false;
        } else if (word_same(word, "from")) {
            if (!args_value(s, &args, &k->first, "an event's number"))
                return false;
            k->from = true;
        } else if (!(k->reasons = inspect_reason_mask(word))) {
            return catch_unknown(s, "info events", word), false;
        }
    }
    k->most = n < MOST_EVENTS ? (unsigned)n : MOST_EVENTS;
    return true;
}

/* The oldest first: what take_kind kept, from the place it would write next,
 * turned round. */
static void batch_order(struct of_kind *k)
{
    unsigned n = k->found < k->most ? (unsigned)k->found : k->most;
    struct ins_event *old = xcalloc(n + 1, sizeof *old);
    for (unsigned i = 0; i < n; i++)
        old[i] = k->e[(k->found - 1 - i) % k->most];
    memcpy(k->e, old, n * sizeof *old);
    free(old);
}

enum command_status info_events(struct session *s, const char *args)
{
    struct json j = {0};
    struct of_kind k = {.reasons = ~0ull, .pid = NO_PID};
    if (!kind_asked(s, args, &k))
        return CMD_BAD;
    u64 known = inspect_events_each(s->events, take_kind, &k);
    u64 oldest = inspect_events_count(s->events) - known;
    if (k.from && k.first < oldest)
        return fail(s, CMD_FAILED,
                    "info events: the events before %llu are forgotten: ask "
                    "more often, or write them all with --events",
                    (unsigned long long)oldest);
    if (k.from)
        batch_order(&k);
    unsigned n = k.found < k.most ? (unsigned)k.found : k.most;
    if (n && !k.from)
        events_head(s);
    else if (!n && !s->json)
        say(s, "no such event has happened%s\n",
            has_events(s) ? "" : ": the kernel has opened no lens");
    events_list(s, &j, NULL, k.e, n);
    if (!s->json && k.found > n)
        say(s,
            "and %llu %s ones: info events N shows N, %u at most; "
            "--events FILE writes all\n",
            (unsigned long long)(k.found - n), k.from ? "newer" : "older",
            MOST_EVENTS);
    return finish_json(s, &j);
}

/* ---- page ---------------------------------------------------------- */

static void flag_words(u8 flags, char *buf, size_t n)
{
    static const char *const words[] = {"I/O",      "dirty",  "mlocked",
                                        "inactive", "active", "referenced"};
    *buf = 0;
    for (unsigned i = 0; i < ARRAY_LEN(words); i++)
        if (flags >> i & 1) {
            size_t at = strlen(buf);
            snprintf(buf + at, n - at, "%s%s", at ? " " : "", words[i]);
        }
}

static void pte_letters(u64 pte, char buf[9])
{
    static const char letters[] = "DAGUXWRV";
    for (unsigned i = 0; i < 8; i++)
        buf[i] = pte >> (7 - i) & 1 ? letters[i] : '-';
    buf[8] = 0;
}

void native_json(struct session *s, struct json *j, u64 pfn,
                 const struct ins_native *f)
{
    char words[280];
    if (!f->known)
        return;
    inspect_native_words(s->m, pfn, f, words, sizeof words);
    if (f->flagged) {
        json_hex(j, "kpageflags", f->flags);
        json_u64(j, "generation", f->generation);
    }
    json_str(j, "native", words);
}

static void page_json(struct session *s, struct json *j,
                      const struct ins_frame *f)
{
    char words[80], path[200];
    struct ins_row row = inspect_frame_row(f);
    flag_words(f->flags, words, sizeof words);
    json_u64(j, "pfn", f->pfn);
    json_hex(j, "pa", f->pa);
    json_str(j, "state", inspect_state_word(f->state));
    json_str(j, "view", f->known ? "kernel" : "machine");
    if (f->known) {
        if (f->native.known)
            native_json(s, j, f->pfn, &f->native);
        else
            json_str(j, "by_events", inspect_state_word(f->shadow));
        json_str(j, "flags", words);
        marks_json(j, &row);
        json_s64(j, "refs", f->refs);
        json_u64(j, "pins", f->pins);
        json_u64(j, "owner", f->owner);
        json_str(j, "owner_name", f->owner_name);
        json_u64(j, "object", f->object);
        json_u64(j, "index", f->index);
        if (inspect_path(s->paths, f->pfn, f->state, f->object, path,
                         sizeof path))
            json_str(j, "path", path);
    }
    json_u64(j, "age_cycles", f->age_cycles);
    json_u64(j, "age_grid_cycles", f->age_grid);
    json_bool(j, "used", f->last_use_epoch != 0);
    json_u64(j, "dram_bank", f->dram_bank);
    json_u64(j, "dram_row", f->dram_row);
    json_u64(j, "npte", f->nptes);
    json_open(j, "ptes", '[');
    for (unsigned i = 0; i < f->nptes && i < INS_PTES_MAX; i++) {
        char letters[9];
        pte_letters(f->ptes[i].pte, letters);
        json_open(j, NULL, '{');
        json_u64(j, "pid", f->ptes[i].pid);
        json_hex(j, "va", f->ptes[i].va);
        json_u64(j, "level", f->ptes[i].level);
        json_hex(j, "pte_pa", f->ptes[i].pte_pa);
        json_hex(j, "pte", f->ptes[i].pte);
        json_str(j, "flags", letters);
        json_close(j, '}');
    }
    json_close(j, ']');
    events(s, j, "events", (u32)f->pfn, 8);
}

static void page_text(struct session *s, const struct ins_frame *f)
{
    char words[120] = "", letters[9], file[280];
    struct ins_row row = inspect_frame_row(f);
    if (f->known)
        inspect_row_marks(&row, words, sizeof words);
    say(s, "frame %llu  pa 0x%llx  %s%s%s\n", (unsigned long long)f->pfn,
        (unsigned long long)f->pa, inspect_state_word(f->state),
        *words ? "  " : "", words);
    if (f->state < FS_COUNT)
        say(s, "  %s\n", ins_states[f->state].sentence);
    if (f->state == FS_COW && f->known && f->refs == 1)
        say(s, "  one holder is left: it stays cow-shared until that one "
               "writes, and no copy will be made\n");
    if (!f->known)
        say(s, "  (the machine's view: the kernel opened no lens)\n");
    else
        say(s, "  owner %u %s  refs %d  pins %u  object %llu index %llu\n",
            f->owner, f->owner_name, f->refs, f->pins,
            (unsigned long long)f->object, (unsigned long long)f->index);
    page_of_file(s, f->pfn, f->state, f->object, f->index, file, sizeof file);
    if (f->object)
        say(s, "  it is %s\n", file);
    inspect_native_words(s->m, f->pfn, &f->native, file, sizeof file);
    if (*file)
        say(s, "  %s\n", file);
    if (f->last_use_epoch && f->age_cycles < f->age_grid)
        say(s, "  last used less than a millisecond ago");
    else if (f->last_use_epoch)
        say(s, "  last used %.0f ms ago", milliseconds(s, f->age_cycles));
    else
        say(s, "  no instruction has used it%s",
            f->flags & FRAME_F_REF ? " (the kernel marked it referenced)" : "");
    say(s, "; DRAM bank %u row 0x%x\n", f->dram_bank, f->dram_row);
    for (unsigned i = 0; i < f->nptes && i < INS_PTES_MAX; i++) {
        pte_letters(f->ptes[i].pte, letters);
        static const char *const of[] = {"", ", of 2 MiB", ", of 1 GiB"};
        say(s, "  pid %-5u va 0x%llx  %s  pte at 0x%llx%s\n", f->ptes[i].pid,
            (unsigned long long)f->ptes[i].va, letters,
            (unsigned long long)f->ptes[i].pte_pa, of[f->ptes[i].level]);
    }
    if (f->nptes > INS_PTES_MAX)
        say(s, "  ... %u PTEs in all\n", f->nptes);
    struct ins_event now;
    if (event_under_way(s, &now) && now.pfn == f->pfn && !f->refs)
        say(s,
            "  the kernel is at work on it: pid %u gets it at 0x%llx when "
            "the kernel goes on\n",
            now.pid, (unsigned long long)now.va);
    struct json none = {0};
    events(s, &none, NULL, (u32)f->pfn, 8);
    json_free(&none);
}

static enum command_status no_frame(struct session *s, const char *verb, u64 n)
{
    char frames[60];
    snprintf(frames, sizeof frames, "RAM has frames 0 to %llu",
             (unsigned long long)(s->m->ram_bytes >> PAGE_SHIFT) - 1);
    if ((s64)n < 0 && (s64)n > -(s64)PAGE_BYTES)
        return fail(s, CMD_BAD, "%s: %lld is no frame: %s", verb, (long long)n,
                    frames);
    if (n < 0x10000) /* below all addresses of programs */
        return fail(s, CMD_BAD, "%s: no frame %llu: %s", verb,
                    (unsigned long long)n, frames);
    return fail(s, CMD_BAD,
                "%s: no frame %llu: %s, at physical addresses 0x%llx to 0x%llx "
                "(of a virtual address tells walk 0x%llx)",
                verb, (unsigned long long)n, frames,
                (unsigned long long)RAM_BASE,
                (unsigned long long)(RAM_BASE + s->m->ram_bytes - 1),
                (unsigned long long)n);
}

/* The typed word names a process, or the frame of an event that is about no
 * frame: the error says so. */
static bool other_than_frame(struct session *s, const char *p, const char *verb)
{
    struct lens_record r = machine_caught(s->m);
    struct ins_event e = inspect_event_of(&r);
    size_t n = strcspn(p, " \t");
    u64 pid;
    if (!strncmp(p, "event.pfn", 9) && e.reason && e.pfn == LENS_NO_PFN)
        return fail(s, CMD_BAD,
                    "%s: the event (%s) is about no frame (print event.pid, "
                    "info ps, info events)",
                    verb, inspect_reason_word(e.reason));
    if (process_named(s, p, n, &pid))
        return fail(s, CMD_BAD,
                    "%s: %.*s is a process: info frames pid %llu lists its "
                    "frames, pmap %llu its memory",
                    verb, (int)n, p, (unsigned long long)pid,
                    (unsigned long long)pid);
    return false;
}

bool args_frame(struct session *s, const char **p, const char *verb, u64 *pfn)
{
    u64 n;
    args_frame_words(p);
    if (args_more(p) && other_than_frame(s, *p, verb))
        return false;
    if (!args_value(s, p, &n, "a frame number"))
        return false;
    *pfn = n;
    if (n < s->m->ram_bytes >> PAGE_SHIFT)
        return true;
    if (n - RAM_BASE >= s->m->ram_bytes)
        return no_frame(s, verb, n), false;
    *pfn = (n - RAM_BASE) >> PAGE_SHIFT;
    if (!s->json)
        say(s, "(physical address 0x%llx is in frame %llu)\n",
            (unsigned long long)n, (unsigned long long)*pfn);
    return true;
}

enum command_status cmd_page(struct session *s, const char *args)
{
    struct json j = {0};
    struct ins_frame f;
    u64 pfn;
    if (!args_frame(s, &args, "page", &pfn) || !args_end(s, args))
        return CMD_BAD;
    inspect_frame(s->m, pfn, &f);
    s->page_shown = true;
    s->page_pfn = pfn;
    if (!s->json) {
        page_text(s, &f);
        return CMD_OK;
    }
    json_open(&j, NULL, '{');
    page_json(s, &j, &f);
    json_close(&j, '}');
    return finish_json(s, &j);
}

/* ---- processes ---------------------------------------------------------- */

static int by_pid(const void *a, const void *b)
{
    const struct ins_proc *p = a, *q = b;
    return (p->pid > q->pid) - (p->pid < q->pid);
}

/* Its threads, below it: memory is told once, in its own line, in which their
 * faults are counted, too. */
static void ps_threads(struct session *s, struct json *j, u32 pid)
{
    struct ins_proc t[256];
    unsigned n = inspect_threads(s->m, pid, t, ARRAY_LEN(t));
    qsort(t, n, sizeof *t, by_pid);
    json_open(j, "threads", '[');
    for (unsigned i = 0; i < n; i++) {
        json_open(j, NULL, '{');
        json_u64(j, "tid", t[i].pid);
        json_str(j, "state", inspect_proc_state_word(t[i].state));
        json_u64(j, "min_flt", t[i].min_flt);
        json_u64(j, "maj_flt", t[i].maj_flt);
        json_u64(j, "ill_flt", t[i].ill_flt);
        json_str(j, "name", t[i].name);
        json_bool(j, "current", t[i].current);
        json_close(j, '}');
        if (!s->json)
            say(s,
                "%6u%6s %-9s%5s %10s %10s %8llu %7llu %s, a thread of %u%s\n",
                t[i].pid, "", inspect_proc_state_word(t[i].state), "", "", "",
                (unsigned long long)t[i].min_flt,
                (unsigned long long)t[i].maj_flt, t[i].name, pid,
                t[i].current ? " *" : "");
    }
    json_close(j, ']');
}

#define PROCS 256

/* Pages in swap of n processes, by their page tables. */
struct out_pages {
    const struct ins_proc *p;
    unsigned n;
    u64 pages[PROCS];
};

static void count_out(void *opaque, const struct ins_out *o)
{
    struct out_pages *out = opaque;
    for (unsigned i = 0; i < out->n; i++)
        out->pages[i] += out->p[i].pid == o->pid;
}

enum command_status info_ps(struct session *s, const char *args)
{
    struct json j = {0};
    struct ins_proc p[PROCS];
    u64 pid;
    bool one = args_more(&args);
    if ((one && !args_pid(s, &args, &pid)) || !args_end(s, args))
        return CMD_BAD;
    unsigned n = inspect_procs(s->m, p, ARRAY_LEN(p));
    if (!n && !s->json)
        return no_lens(s, "info ps");
    if (one && !inspect_proc(s->m, (u32)pid, p))
        return fail(s, CMD_BAD, "info ps: no process %llu",
                    (unsigned long long)pid);
    if (one)
        n = 1;
    qsort(p, n, sizeof *p, by_pid);
    struct out_pages out = {p, n, {0}};
    if (s->json)
        inspect_swapped(s->m, count_out, &out);
    json_open(&j, NULL, '[');
    if (!s->json)
        say(s, "   PID  PPID STATE     ASID    RSS KiB    VSZ KiB   MINFLT  "
               "MAJFLT NAME\n");
    for (unsigned i = 0; i < n; i++) {
        json_open(&j, NULL, '{');
        json_u64(&j, "pid", p[i].pid);
        json_u64(&j, "ppid", p[i].ppid);
        json_str(&j, "state", inspect_proc_state_word(p[i].state));
        json_u64(&j, "asid", p[i].asid);
        json_hex(&j, "satp", p[i].satp);
        json_u64(&j, "rss_frames", p[i].rss);
        json_u64(&j, "swapped_pages", out.pages[i]);
        json_u64(&j, "vsize_bytes", p[i].vsize);
        json_u64(&j, "min_flt", p[i].min_flt);
        json_u64(&j, "maj_flt", p[i].maj_flt);
        json_u64(&j, "ill_flt", p[i].ill_flt);
        json_str(&j, "name", p[i].name);
        json_bool(&j, "current", p[i].current);
        if (!s->json)
            say(s, "%6u%6u %-9s%5u %10llu %10llu %8llu %7llu %s%s\n", p[i].pid,
                p[i].ppid, inspect_proc_state_word(p[i].state), p[i].asid,
                (unsigned long long)p[i].rss * 4,
                (unsigned long long)p[i].vsize / 1024,
                (unsigned long long)p[i].min_flt,
                (unsigned long long)p[i].maj_flt, p[i].name,
                p[i].current ? " *" : "");
        ps_threads(s, &j, p[i].pid);
        json_close(&j, '}');
    }
    json_close(&j, ']');
    if (!s->json && n)
        say(s, "RSS: frames that it maps; one that several processes share "
               "counts in each\n");
    return finish_json(s, &j);
}

static void vma_row(struct session *s, struct json *j, const struct ins_vma *v)
{
    char rights[6] = {
        v->flags & VMA_R ? 'r' : '-', v->flags & VMA_W ? 'w' : '-',
        v->flags & VMA_X ? 'x' : '-', v->flags & VMA_SHARED ? 's' : 'p'};
    const char *name = *v->name               ? v->name
                       : v->flags & VMA_STACK ? "[stack]"
                       : v->flags & VMA_HEAP  ? "[heap]"
                                              : "[anon]";
    json_open(j, NULL, '{');
    json_hex(j, "start", v->start);
    json_hex(j, "end", v->end);
    json_str(j, "rights", rights);
    json_u64(j, "resident_pages", v->resident);
    json_u64(j, "anon_pages", v->anon);
    json_u64(j, "shared_pages", v->shared);
    json_u64(j, "offset", v->offset);
    json_u64(j, "inode", v->inode);
    json_str(j, "name", name);
    json_close(j, '}');
    if (!s->json)
        say(s, "%016llx %8lluK %8llu %7llu %7llu  %s  %s\n",
            (unsigned long long)v->start,
            (unsigned long long)(v->end - v->start) / 1024,
            (unsigned long long)v->resident * 4,
            (unsigned long long)v->anon * 4, (unsigned long long)v->shared * 4,
            rights, name);
}

#define VMAS 1024

/* A name was given, and others have it, too. */
static void namesakes(struct session *s, const struct ins_proc *shown)
{
    struct ins_proc p[256];
    unsigned n = inspect_procs(s->m, p, ARRAY_LEN(p));
    bool any = false;
    qsort(p, n, sizeof *p, by_pid);
    for (unsigned i = 0; i < n; i++) {
        if (p[i].pid == shown->pid || strcmp(p[i].name, shown->name))
            continue;
        if (any)
            say(s, ", pmap %u", p[i].pid);
        else
            say(s, "this is pid %u; others are named %s, too: pmap %u",
                shown->pid, shown->name, p[i].pid);
        any = true;
    }
    if (any)
        say(s, "\n");
}

enum command_status cmd_pmap(struct session *s, const char *args)
{
    struct json j = {0};
    struct ins_proc p;
    u64 pid;
    bool named = args_more(&args) && isalpha((u8)*args);
    if (!args_pid(s, &args, &pid) || !args_end(s, args))
        return CMD_BAD;
    if (!inspect_proc(s->m, (u32)pid, &p))
        return fail(s, CMD_BAD, "pmap: no process %llu",
                    (unsigned long long)pid);
    struct ins_vma *v = xcalloc(VMAS, sizeof *v);
    unsigned n = inspect_vmas(s->m, (u32)pid, v, VMAS);
    json_open(&j, NULL, '{');
    json_u64(&j, "pid", p.pid);
    json_str(&j, "name", p.name);
    json_open(&j, "mappings", '[');
    if (!s->json)
        say(s,
            "%u: %s\nAddress             Size  Res KiB    Anon  Shared  Mode "
            " Mapping\n",
            p.pid, p.name);
    for (unsigned i = 0; i < n; i++)
        vma_row(s, &j, &v[i]);
    free(v);
    if (named && !s->json)
        namesakes(s, &p);
    json_close(&j, ']');
    json_close(&j, '}');
    return finish_json(s, &j);
}

/* ---- audit, buddy -------------------------------------------- */

enum command_status cmd_audit(struct session *s, const char *args)
{
    struct json j = {0};
    struct ins_audit a;
    if (!args_end(s, args))
        return CMD_BAD;
    inspect_audit(s->m, &a);
    json_open(&j, NULL, '{');
    json_bool(&j, "ran", a.ran);
    json_u64(&j, "frames", a.checked);
    json_u64(&j, "errors", a.errors);
    json_str(&j, "first", a.first);
    json_close(&j, '}');
    finish_json(s, &j);
    if (!a.ran)
        return fail(s, CMD_FAILED, "audit: %s",
                    machine_lens(s->m) && machine_lens(s->m)->open
                        ? "the kernel is changing its tables, and their sums "
                          "do not settle before it is done: run-until "
                          "lens.busy == 0, and ask again"
                        : "the kernel has opened no lens");
    if (a.errors)
        return fail(s, CMD_FAILED, "audit: %llu errors, first: %s",
                    (unsigned long long)a.errors, a.first);
    if (!s->json)
        say(s, "%llu frames: states, references and events agree\n",
            (unsigned long long)a.checked);
    return CMD_OK;
}

enum command_status info_buddy(struct session *s, const char *args)
{
    struct json j = {0};
    u64 blocks[INS_ORDERS];
    if (!args_end(s, args))
        return CMD_BAD;
    if (!inspect_buddy(s->m, blocks))
        return no_lens(s, "info buddy");
    json_open(&j, NULL, '[');
    for (unsigned i = 0; i < INS_ORDERS; i++) {
        json_u64(&j, NULL, blocks[i]);
        if (!s->json && (blocks[i] || i <= 10))
            say(s, "order %2u  %6llu blocks of %llu KiB\n", i,
                (unsigned long long)blocks[i], 4ull << i);
    }
    json_close(&j, ']');
    return finish_json(s, &j);
}
