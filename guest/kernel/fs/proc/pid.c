/* SPDX-License-Identifier: MIT */
/* Serves /proc/PID: stat, statm, status and others (proc(5)). */
#include "fs/proc/procfs.h"

#include "fs/dev/tty.h"
#include "fs/fsctx.h"
#include "task/proc.h"
#include "vm/space.h"
#include "vm/uaccess.h"
#include "proc/life.h"

#include <linux/sched.h>

#define TICK_NS (NSEC_PER_SEC / USER_HZ)

char proc_state_letter(struct proc *p)
{
    return p->at_rest ? 'Z' : "SRRSDTZ"[p->lens.state]; /* enum proc_state */
}

static u64 ticks(u64 ns)
{
    return ns / TICK_NS;
}

/* Returns the signals that the process ignores, or (caught) handles. */
static u64 acted_on(const struct proc *p, bool caught)
{
    u64 set = 0;

    for (int i = 0; p->sighand && i < _NSIG; i++) {
        u64 handler = p->sighand->action[i].handler;
        set |= (u64)(caught ? handler > SIG_IGN : handler == SIG_IGN) << i;
    }
    return set;
}

void show_pid_stat(struct seq *s)
{
    struct proc *p = s->p;
    const struct lens_proc *l = &p->lens;
    const struct proc *lead = p->leader;
    const struct task_usage own = {p->utime,   p->stime, p->min_flt,
                                   p->maj_flt, p->nvcsw, p->nivcsw};
    const struct task_usage *u = s->task ? &own : &lead->all;
    struct space *space = p->space;
    bool may = proc_may_look(p);
    struct space *seen = may ? space : NULL;
    u64 vsize = space ? space->vsize : 0, rss = space ? space->rss : 0;

    seq_printf(s, "%u (%s) %c %u %u %u %u %d %u ", l->pid, l->name,
               proc_state_letter(p), l->ppid, lead->pgrp, lead->session,
               tty_number(lead->ctty), lead->ctty ? (s32)lead->ctty->pgrp : -1,
               /* PF_RANDOMIZE, PF_KTHREAD */
               space || proc_state_letter(p) == 'Z' ? 0x400000u : 0x200000u);
    seq_printf(s, "%lu %lu %lu %lu %lu %lu %lu %lu ", u->min_flt,
               lead->waited.min_flt, u->maj_flt, lead->waited.maj_flt,
               ticks(u->utime), ticks(u->stime), ticks(lead->waited.utime),
               ticks(lead->waited.stime));
    seq_printf(s, "%d %d %u 0 %lu %lu %lu %lu ", 20 + p->nice, p->nice,
               group_count(p), ticks(p->start_ns - boot_ns()), vsize, rss,
               ~0ul);
    seq_printf(s, "%lu %lu %lu 0 0 ", seen ? seen->code_start : space != NULL,
               seen ? seen->code_end : space != NULL,
               seen ? seen->stack_start : 0);
    seq_printf(s, "%lu %lu %lu %lu 0 0 0 %d 0 0 %u 0 0 0 ",
               signal_set(p) & 0x7fffffff, p->sig_blocked & 0x7fffffff,
               acted_on(p, false) & 0x7fffffff, acted_on(p, true) & 0x7fffffff,
               p->exit_signal, p->policy & ~SCHED_RESET_ON_FORK);
    seq_printf(s, "%lu %lu %lu %lu %lu %lu %lu %d\n",
               seen ? seen->data_start : 0, seen ? seen->data_end : 0,
               seen ? seen->brk_start : 0, seen ? seen->arg_start : 0,
               seen ? seen->arg_end : 0, seen ? seen->env_start : 0,
               seen ? seen->env_end : 0, may ? p->exit_status : 0);
}

void show_pid_statm(struct seq *s)
{
    struct proc *p = s->p;
    struct space *m = p->space;

    if (!m) {
        seq_printf(s, "0 0 0 0 0 0 0\n");
        return;
    }
    u64 data = 0;
    for (struct vma *v = m->vmas; v; v = vma_next(v))
        if ((v->lens.flags & (VMA_W | VMA_SHARED)) == VMA_W)
            data += (v->lens.end - v->lens.start) / PAGE_SIZE;
    seq_printf(s, "%lu %lu %lu %lu 0 %lu 0\n", m->vsize / PAGE_SIZE, m->rss,
               m->rss - m->rss_anon,
               PAGE_UP(m->code_end - PAGE_DOWN(m->code_start)) / PAGE_SIZE,
               data);
}

static const char *state_words(struct proc *p)
{
    static const char *const words[] = {"R (running)", "D (disk sleep)",
                                        "T (stopped)", "Z (zombie)",
                                        "S (sleeping)"};
    u32 i = 0;

    while (words[i][0] != proc_state_letter(p))
        i++;
    return words[i];
}

static void kib(struct seq *s, const char *name, u64 bytes)
{
    seq_printf(s, "%s:\t%8lu kB\n", name, bytes / 1024);
}

static u64 vma_bytes(struct space *m, u32 mask, u32 flags)
{
    u64 bytes = 0;

    for (struct vma *v = m->vmas; v; v = vma_next(v))
        if ((v->lens.flags & mask) == flags)
            bytes += v->lens.end - v->lens.start;
    return bytes;
}

static void status_memory(struct seq *s, struct space *m)
{
    u64 stack = vma_bytes(m, VMA_STACK, VMA_STACK);
    u64 written = vma_bytes(m, VMA_W | VMA_SHARED, VMA_W);
    u64 text = vma_bytes(m, VMA_X | VMA_W, VMA_X);
    u64 program = PAGE_UP(m->code_end) - PAGE_DOWN(m->code_start);

    kib(s, "VmPeak", m->peak_vsize);
    kib(s, "VmSize", m->vsize);
    kib(s, "VmLck", m->locked);
    kib(s, "VmHWM", m->peak_rss * PAGE_SIZE);
    kib(s, "VmRSS", m->rss * PAGE_SIZE);
    kib(s, "RssAnon", m->rss_anon * PAGE_SIZE);
    kib(s, "RssFile", (m->rss - m->rss_anon - m->rss_shmem) * PAGE_SIZE);
    kib(s, "RssShmem", m->rss_shmem * PAGE_SIZE);
    kib(s, "VmData", written > stack ? written - stack : 0);
    kib(s, "VmStk", stack);
    kib(s, "VmExe", program);
    kib(s, "VmLib", text > program ? text - program : 0);
    kib(s, "VmPTE", m->tables * PAGE_SIZE);
    kib(s, "VmSwap", m->swapped * PAGE_SIZE);
}

static void status_signals(struct seq *s, struct proc *p)
{
    seq_printf(s, "SigQ:\t%u/%lu\n", signal_queued(p->uid),
               p->leader->rlim[RLIMIT_SIGPENDING].cur);
    seq_printf(s, "SigPnd:\t%016lx\nShdPnd:\t%016lx\n", p->own.set,
               p->leader->shared.set);
    seq_printf(s, "SigBlk:\t%016lx\nSigIgn:\t%016lx\nSigCgt:\t%016lx\n",
               p->sig_blocked, acted_on(p, false), acted_on(p, true));
}

static void status_caps(struct seq *s, const struct caps *c)
{
    seq_printf(s, "CapInh:\t%016lx\nCapPrm:\t%016lx\nCapEff:\t%016lx\n",
               c->inheritable, c->permitted, c->effective);
    seq_printf(s, "CapBnd:\t%016lx\nCapAmb:\t%016lx\n", c->bounding,
               c->ambient);
    seq_printf(s, "NoNewPrivs:\t%d\n", c->no_new_privs);
}

void show_pid_status(struct seq *s)
{
    struct proc *p = s->p;
    seq_printf(s, "Name:\t");
    for (const char *c = p->lens.name; *c; c++)
        seq_printf(s, strchr("\n\\", *c) ? "\\%c" : "%c",
                   *c == '\n' ? 'n' : *c);
    seq_write(s, "\n", 1);
    if (p->fs)
        seq_printf(s, "Umask:\t%04o\n", p->fs->umask);
    seq_printf(s, "State:\t%s\nTgid:\t%u\nNgid:\t0\nPid:\t%u\nPPid:\t%u\n",
               state_words(p), p->lens.tgid, p->lens.pid, p->lens.ppid);
    seq_printf(s, "TracerPid:\t0\nUid:\t%u\t%u\t%u\t%u\n", p->uid, p->euid,
               p->suid, p->fsuid);
    seq_printf(s, "Gid:\t%u\t%u\t%u\t%u\n", p->gid, p->egid, p->sgid, p->fsgid);
    seq_printf(s, "FDSize:\t%u\nGroups:\t",
               p->files ? fd_table_size(p->files) : 0);
    for (u32 i = 0; p->groups && i < p->groups->n; i++)
        seq_printf(s, i ? " %u" : "%u", p->groups->id[i]);
    seq_printf(s, " \n");
    if (p->space)
        status_memory(s, p->space);
    seq_printf(s, "Threads:\t%u\n", group_count(p));
    status_signals(s, p);
    status_caps(s, &p->caps);
    seq_printf(s, "voluntary_ctxt_switches:\t%lu\n", p->nvcsw);
    seq_printf(s, "nonvoluntary_ctxt_switches:\t%lu\n", p->nivcsw);
}

int write_pid_comm(struct seq *s, const char *text, size_t n)
{
    struct proc *p = s->p;
    size_t len = n && text[n - 1] == '\n' ? n - 1 : n;

    if (p->leader != current->leader)
        return -EINVAL;
    len = MIN(len, sizeof(p->lens.name) - 1);
    memset(p->lens.name, 0, sizeof(p->lens.name));
    memcpy(p->lens.name, text, len);
    return 0;
}

int write_pid_fail_nth(struct seq *s, const char *text, size_t n)
{
    s64 nth;
    int err = text_number(text, -(s64)~0u, ~0u, &nth);

    if (!err && !capable(CAP_SYS_RESOURCE))
        err = -EPERM;
    if (!err) {
        s->p->fail_nth = (u32)(nth < 0 ? -nth : nth);
        s->p->refuse_nth = nth < 0;
    }
    return err;
}

void show_pid_limits(struct seq *s)
{
    struct proc *p = s->p;
    static const struct {
        const char *name, *unit;
    } row[] = {{"Max cpu time", "seconds"},     {"Max file size", "bytes"},
               {"Max data size", "bytes"},      {"Max stack size", "bytes"},
               {"Max core file size", "bytes"}, {"Max resident set", "bytes"},
               {"Max processes", "processes"},  {"Max open files", "files"},
               {"Max locked memory", "bytes"},  {"Max address space", "bytes"}};

    seq_printf(s, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit",
               "Hard Limit", "Units");
    for (u32 i = 0; i < ARRAY_SIZE(row); i++) {
        const struct rlimit *r = &p->leader->rlim[i];
        u64 value[2] = {r->cur, r->max};
        seq_printf(s, "%-25s ", row[i].name);
        for (u32 k = 0; k < 2; k++) {
            if (value[k] == ~0ul)
                seq_printf(s, "%-20s ", "unlimited");
            else
                seq_printf(s, "%-20lu ", value[k]);
        }
        seq_printf(s, "%-10s\n", row[i].unit);
    }
}

/* Prints the arguments or the environment as in memory, with their NULs. */
static void show_memory(struct seq *s, bool environment)
{
    struct space *m = s->p->space;

    if (!m)
        return;
    u64 at = environment ? m->env_start : m->arg_start;
    u64 end = environment ? m->env_end : m->arg_end;
    char piece[128];
    int err = 0;

    space_ref(m);
    while (!err && at < end) {
        size_t n = MIN(end - at, sizeof(piece));
        err = space_copyin(m, piece, at, n);
        if (!err)
            seq_write(s, piece, n);
        at += n;
    }
    space_unref(m);
    if (err && err != -EFAULT)
        s->err = err;
}

void show_pid_cmdline(struct seq *s)
{
    show_memory(s, false);
}

void show_pid_environ(struct seq *s)
{
    show_memory(s, true);
}
