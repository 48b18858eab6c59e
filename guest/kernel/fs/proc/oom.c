/* SPDX-License-Identifier: MIT */
/* Serves /proc/PID/oom_adj and writes to its successor oom_score_adj (proc(5)).
 * The kernel keeps oom_score_adj, in thousandths of memory; oom_adj is computed
 * from it and sets it, as in Linux 2.6.36 and later. */
#include "fs/proc/procfs.h"

#include "proc/oom.h"
#include "task/proc.h"

void show_pid_oom_adj(struct seq *s)
{
    struct proc *p = s->p;
    s32 adj = p->leader->oom_score_adj * -OOM_ADJ_MIN / OOM_SCORE_MAX;

    if (p->leader->oom_score_adj == OOM_SCORE_MAX)
        adj = OOM_ADJ_MAX;
    seq_printf(s, "%d\n", adj);
}

/* A value below `least`, or another user's process, needs CAP_SYS_RESOURCE
 * (Linux 6.12, fs/proc/base.c: __set_oom_adj). */
static int set_score_adj(struct proc *p, s32 score_adj, s32 least)
{
    if (p->uid != current->euid && !capable(CAP_SYS_RESOURCE))
        return -EPERM;
    if (score_adj < least && !capable(CAP_SYS_RESOURCE))
        return -EACCES;
    p->leader->oom_score_adj = score_adj;
    return 0;
}

int write_pid_oom_score_adj(struct seq *s, const char *text, size_t n)
{
    s64 v;
    int err = text_number(text, OOM_SCORE_NEVER, OOM_SCORE_MAX, &v);
    struct proc *lead = s->p->leader;

    if (!err)
        err = set_score_adj(s->p, (s32)v, lead->oom_score_adj_min);
    if (!err && capable(CAP_SYS_RESOURCE))
        lead->oom_score_adj_min = (s32)v;
    return err;
}

int write_pid_oom_adj(struct seq *s, const char *text, size_t n)
{
    s64 v;
    int err = text_number(text, OOM_ADJ_MIN, OOM_ADJ_MAX, &v);

    if (err)
        return err;
    v = v == OOM_ADJ_MAX ? OOM_SCORE_MAX : v * OOM_SCORE_MAX / -OOM_ADJ_MIN;
    return set_score_adj(s->p, (s32)v, s->p->leader->oom_score_adj);
}
