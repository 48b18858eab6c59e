/* SPDX-License-Identifier: MIT */
/* info ps lists processes; pmap lists the mappings of one process. */
#include "inspect/process.h"
#include "inspect/words.h"
#include "monitor/verbs/verbs.h"

#include <ctype.h>
#include <stdlib.h>

static int by_pid(const void *a, const void *b)
{
    const struct ins_proc *p = a, *q = b;
    return (p->pid > q->pid) - (p->pid < q->pid);
}

/* Lists a process's threads below it. Only the process's own line shows its
 * memory; that line counts the threads' faults, too. */
static void ps_threads(struct answer *a, struct json *j, u32 pid)
{
    struct ins_proc t[256];
    unsigned n = inspect_threads(a->s->m, pid, t, ARRAY_LEN(t));
    qsort(t, n, sizeof *t, by_pid);
    json_open(j, "threads", '[');
    for (unsigned i = 0; i < n; i++) {
        json_add(j,
                 "{tid:%u state:%s min_flt:%llu maj_flt:%llu ill_flt:%llu "
                 "name:%s current:%hhd}",
                 t[i].pid, inspect_proc_state_word(t[i].state), t[i].min_flt,
                 t[i].maj_flt, t[i].ill_flt, t[i].name, t[i].current);
        say(a, "%6u%6s %-9s%5s %10s %10s %8llu %7llu %s, a thread of %u%s\n",
            t[i].pid, "", inspect_proc_state_word(t[i].state), "", "", "",
            t[i].min_flt, t[i].maj_flt, t[i].name, pid,
            t[i].current ? " *" : "");
    }
    json_close(j, ']');
}

#define PROCS 256

/* How many pages each of n processes has in swap, by its page tables. */
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

enum command_status info_ps(struct answer *a, const char *args)
{
    struct session *s = a->s;
    struct ins_proc p[PROCS];
    u64 pid;
    bool one = args_more(&args);
    if ((one && !args_pid(a, &args, &pid)) || !args_end(a, args))
        return CMD_BAD;
    unsigned n = inspect_procs(s->m, p, ARRAY_LEN(p));
    if (!n && !a->json)
        return no_lens(a, "info ps");
    if (one && !inspect_proc(s->m, (u32)pid, p))
        return fail(a, CMD_BAD, "info ps: no process %llu", pid);
    if (one)
        n = 1;
    qsort(p, n, sizeof *p, by_pid);
    struct out_pages out = {p, n, {0}};
    if (a->json)
        inspect_swapped(s->m, count_out, &out);
    json_open(&a->j, NULL, '[');
    say(a, "   PID  PPID STATE     ASID    RSS KiB    VSZ KiB   MINFLT  "
           "MAJFLT NAME\n");
    for (unsigned i = 0; i < n; i++) {
        json_add(&a->j,
                 "{pid:%u ppid:%u state:%s asid:%u satp:%#llx rss_frames:%llu "
                 "swapped_pages:%llu vsize_bytes:%llu min_flt:%llu "
                 "maj_flt:%llu ill_flt:%llu name:%s current:%hhd",
                 p[i].pid, p[i].ppid, inspect_proc_state_word(p[i].state),
                 p[i].asid, p[i].satp, p[i].rss, out.pages[i], p[i].vsize,
                 p[i].min_flt, p[i].maj_flt, p[i].ill_flt, p[i].name,
                 p[i].current);
        say(a, "%6u%6u %-9s%5u %10llu %10llu %8llu %7llu %s%s\n", p[i].pid,
            p[i].ppid, inspect_proc_state_word(p[i].state), p[i].asid,
            p[i].rss * 4, p[i].vsize / 1024, p[i].min_flt, p[i].maj_flt,
            p[i].name, p[i].current ? " *" : "");
        ps_threads(a, &a->j, p[i].pid);
        json_close(&a->j, '}');
    }
    json_close(&a->j, ']');
    if (n)
        say(a, "RSS: PTEs that map a frame other than the zero frame (a leaf "
               "of 2 MiB: 512); a frame of several processes counts in each\n");
    return finish_json(a);
}

static void vma_row(struct answer *a, struct json *j, const struct ins_vma *v)
{
    char rights[6] = {
        v->flags & VMA_R ? 'r' : '-', v->flags & VMA_W ? 'w' : '-',
        v->flags & VMA_X ? 'x' : '-', v->flags & VMA_SHARED ? 's' : 'p'};
    const char *name = *v->name               ? v->name
                       : v->flags & VMA_STACK ? "[stack]"
                       : v->flags & VMA_HEAP  ? "[heap]"
                                              : "[anon]";
    json_add(
        j,
        "{start:%#llx end:%#llx rights:%s resident_pages:%llu anon_pages:%llu "
        "shared_pages:%llu offset:%llu inode:%llu name:%s}",
        v->start, v->end, rights, v->resident, v->anon, v->shared, v->offset,
        v->inode, name);
    say(a, "%016llx %8lluK %8llu %7llu %7llu  %s  %s\n", v->start,
        (v->end - v->start) / 1024, v->resident * 4, v->anon * 4, v->shared * 4,
        rights, name);
}

#define VMAS 1024

static void namesakes(struct answer *a, const struct ins_proc *shown)
{
    struct ins_proc p[256];
    unsigned n = inspect_procs(a->s->m, p, ARRAY_LEN(p));
    bool any = false;
    qsort(p, n, sizeof *p, by_pid);
    for (unsigned i = 0; i < n; i++) {
        if (p[i].pid == shown->pid || strcmp(p[i].name, shown->name))
            continue;
        if (any)
            say(a, ", pmap %u", p[i].pid);
        else
            say(a, "this is pid %u; others are named %s, too: pmap %u",
                shown->pid, shown->name, p[i].pid);
        any = true;
    }
    if (any)
        say(a, "\n");
}

enum command_status cmd_pmap(struct answer *a, const char *args)
{
    struct ins_proc p;
    u64 pid;
    bool named = args_more(&args) && isalpha((u8)*args);
    if (!args_pid(a, &args, &pid) || !args_end(a, args))
        return CMD_BAD;
    if (!inspect_proc(a->s->m, (u32)pid, &p))
        return fail(a, CMD_BAD, "pmap: no process %llu", pid);
    struct ins_vma *v = xcalloc(VMAS, sizeof *v);
    unsigned n = inspect_vmas(a->s->m, (u32)pid, v, VMAS);
    json_add(&a->j, "{pid:%u name:%s mappings:[", p.pid, p.name);
    say(a,
        "%u: %s\nAddress             Size  Res KiB    Anon  Shared  Mode "
        " Mapping\n",
        p.pid, p.name);
    for (unsigned i = 0; i < n; i++)
        vma_row(a, &a->j, &v[i]);
    free(v);
    if (named)
        namesakes(a, &p);
    json_add(&a->j, "]}");
    return finish_json(a);
}
