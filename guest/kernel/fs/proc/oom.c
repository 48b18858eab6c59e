/* SPDX-License-Identifier: MIT */
/* /proc/PID/oom_score, oom_score_adj and its predecessor oom_adj (proc(5)). One
 * number is kept, in thousandths; the old file converts it to its own scale, as
 * Linux 2.6.36 and later do. */
#include "fs/proc/procfs.h"

#include "proc/oom.h"
#include "proc/proc.h"

int show_pid_oom_score(struct seq *s, struct proc *p)
{
    seq_printf(s, "%lu\n", oom_score(p));
    return 0;
}

int show_pid_oom_score_adj(struct seq *s, struct proc *p)
{
    seq_printf(s, "%d\n", p->leader->oom_score_adj);
    return 0;
}

int show_pid_oom_adj(struct seq *s, struct proc *p)
{
    s32 adj = p->leader->oom_score_adj * -OOM_ADJ_MIN / OOM_SCORE_MAX;

    if (p->leader->oom_score_adj == OOM_SCORE_MAX)
        adj = OOM_ADJ_MAX;
    seq_printf(s, "%d\n", adj);
    return 0;
}

/* Parses a whole number; a newline may follow. */
static int number(const char *text, s32 *n)
{
    bool minus = *text == '-';
    const char *p = text + minus;
    s32 v = 0;

    if (*p < '0' || *p > '9')
        return -EINVAL;
    for (; *p >= '0' && *p <= '9'; p++)
        v = MIN(v * 10 + (*p - '0'), 100000);
    *n = minus ? -v : v;
    while (*p == '\n' || *p == ' ')
        p++;
    return *p ? -EINVAL : 0;
}

/* A process without CAP_SYS_RESOURCE may raise its score, but not lower it. */
static int set_score_adj(struct proc *p, s32 score_adj)
{
    if (p->uid != current->euid && !capable(CAP_SYS_RESOURCE))
        return -EPERM;
    if (score_adj < p->leader->oom_score_adj && !capable(CAP_SYS_RESOURCE))
        return -EACCES;
    p->leader->oom_score_adj = score_adj;
    return 0;
}

int write_pid_oom_score_adj(struct proc *p, const char *text, size_t n)
{
    s32 v = 0;
    int err = number(text, &v);

    (void)n;
    if (!err && (v < OOM_SCORE_NEVER || v > OOM_SCORE_MAX))
        err = -EINVAL;
    return err ? err : set_score_adj(p, v);
}

int write_pid_oom_adj(struct proc *p, const char *text, size_t n)
{
    s32 v = 0;
    int err = number(text, &v);

    (void)n;
    if (!err && (v < OOM_ADJ_MIN || v > OOM_ADJ_MAX))
        err = -EINVAL;
    if (err)
        return err;
    return set_score_adj(
        p, v == OOM_ADJ_MAX ? OOM_SCORE_MAX : v * OOM_SCORE_MAX / -OOM_ADJ_MIN);
}
