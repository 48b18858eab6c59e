/* SPDX-License-Identifier: MIT */
/* Keeps the process table: slots, pids, process groups. */
#include "lib/tunable.h"
#include "task/sched.h"
#include "vm/page.h"
#include "vm/space.h"

#define STACK_MAGIC 0x6b63617473646e65ul

struct proc *proc_table;
u32 nproc, proc_top;
static u32 newest_pid;
static struct proc *by_pid[512]; /* chains by pid % 512 */
static struct proc *lowest_free; /* all slots before it are in use */
static u64 kstack_frames;

static const char *tell_task(u64 tp)
{
    static char line[64];
    const struct proc *init = proc_find(1), *p = (const struct proc *)tp;
    if (!init || !init->execed)
        return NULL;
    if (p >= proc_table && p < proc_table + NPROC)
        snprintf(line, sizeof line, "process %u (%s)\n", p->lens.pid,
                 p->lens.name);
    return line;
}

/* Makes a slot for each 11 frames of RAM above 16 MiB (a small process takes as
 * many), at least 128, at most what fits a buddy block: 1,117 in 64 MiB. */
void proc_table_init(void)
{
    u64 base = (16ul << 20) >> PAGE_SHIFT, n = NPROC_MIN;
    if (nframes > base)
        n = MAX(n, (nframes - base) / 11);
    n = MIN(n, (PAGE_SIZE << MAX_ORDER) / sizeof(struct proc));
    u64 bytes = n * sizeof(struct proc);
    u64 pages = DIV_ROUND_UP(bytes, PAGE_SIZE);
    unsigned order = 0;
    while (1ul << order < pages)
        order++;
    struct page *first =
        page_alloc_order_zeroed(order, bytes, FS_KDATA, R_BOOT, 0);
    if (!first)
        panic("no memory for the process table");
    for (u64 i = 0; i < 1ul << order; i++)
        if (i < pages)
            first[i].frame.pins = 1;
        else
            page_free(&first[i], R_BOOT);
    proc_table = lowest_free = page_va(first);
    nproc = (u32)n;
    panic_task = tell_task;
}

u32 last_pid(void)
{
    return newest_pid;
}

u64 proc_kstack_frames(void)
{
    return kstack_frames;
}

static struct proc **bucket(u32 pid)
{
    return &by_pid[pid % (sizeof by_pid / sizeof *by_pid)];
}

struct proc *proc_find(u32 pid)
{
    struct proc *p = *bucket(pid);
    while (p && p->lens.pid != pid)
        p = p->pid_next;
    return p;
}

struct proc *proc_after(u32 pid)
{
    struct proc *best = NULL;
    for (struct proc *p = proc_table; p < proc_table + proc_top; p++)
        if (p->lens.state != PS_UNUSED && p->leader == p && p->lens.pid > pid &&
            (!best || p->lens.pid < best->lens.pid))
            best = p;
    return best;
}

bool pgrp_exists(u32 pgrp, u32 session)
{
    for_each_proc(p) if (p->pgrp == pgrp && p->session == session) return true;
    return false;
}

bool pgrp_orphaned(u32 pgrp)
{
    for (struct proc *p = proc_table; p < proc_table + proc_top; p++) {
        if (p->lens.state == PS_UNUSED || p->lens.state == PS_ZOMBIE ||
            p->leader != p || p->pgrp != pgrp || !p->parent)
            continue;
        if (p->parent->pgrp != pgrp && p->parent->session == p->session &&
            !p->parent->exiting)
            return false;
    }
    return true;
}

bool proc_may_signal(struct proc *to, int sig)
{
    const struct proc *me = current;
    if (capable(CAP_KILL) || me->euid == to->uid || me->euid == to->suid ||
        me->uid == to->uid || me->uid == to->suid)
        return true;
    return sig == SIGCONT && me->leader->session == to->leader->session;
}

/* Decides as Linux 6.12 (kernel/ptrace.c: ptrace_may_access, by fs ids). */
bool proc_may_look(const struct proc *p)
{
    const struct proc *me = current;
    if (p->leader == me->leader || capable(CAP_SYS_PTRACE))
        return true;
    return me->fsuid == p->uid && me->fsuid == p->euid &&
           me->fsuid == p->suid && me->fsgid == p->gid &&
           me->fsgid == p->egid && me->fsgid == p->sgid &&
           (!p->space || p->space->dumpable) &&
           !(p->caps.permitted & ~me->caps.effective);
}

/* Decides as Linux 6.12 (check_same_owner, and cap_safe_nice of
 * security/commoncap.c). */
bool proc_may_schedule(const struct proc *p)
{
    const struct proc *me = current;
    return ((me->euid == p->euid || me->euid == p->uid) &&
            !(p->caps.permitted & ~me->caps.permitted)) ||
           capable(CAP_SYS_NICE);
}

void proc_copy_rights(struct proc *to, const struct proc *from)
{
    to->uid = from->uid;
    to->euid = from->euid;
    to->suid = from->suid;
    to->fsuid = from->fsuid;
    to->gid = from->gid;
    to->egid = from->egid;
    to->sgid = from->sgid;
    to->fsgid = from->fsgid;
    struct groups *old = to->groups;
    to->groups = groups_get(from->groups);
    groups_put(old);
    to->caps = from->caps;
    to->nice = from->nice;
    to->policy = from->policy;
}

/* When the numbers start again, these are left to the first tasks (Linux 6.12,
 * kernel/pid.c). */
#define RESERVED_PIDS 300u

/* Returns a number that no task, group or session has; 0: all are taken. All
 * numbers from the newest up to `used` are free, so few calls look at all tasks
 * (4.3BSD, kern_fork.c: newproc, pidchecked). */
static u32 next_pid(void)
{
    static u32 used;
    u32 most = (u32)tun(TUN_PID_MAX);
    for (u32 tried = 0; tried < most; tried++) {
        if (++newest_pid >= most) {
            newest_pid = RESERVED_PIDS;
            used = 0;
        }
        if (newest_pid < used)
            return newest_pid;
        used = most;
        for_each_task(p)
        {
            const u32 numbers[] = {p->lens.pid, p->pgrp, p->session};
            for (int i = 0; i < 3; i++)
                if (numbers[i] >= newest_pid)
                    used = MIN(used, numbers[i]);
        }
        if (newest_pid < used)
            return newest_pid;
    }
    return 0;
}

static struct proc *free_slot(void)
{
    for (struct proc *p = lowest_free; p < proc_table + NPROC; p++)
        if (p->lens.state == PS_UNUSED)
            return lowest_free = p;
    return NULL;
}

struct proc *proc_new(const char *name)
{
    struct proc *p = free_slot();
    u32 pid = p ? next_pid() : 0;
    struct page *stack =
        pid ? page_alloc_order(KSTACK_ORDER, FS_KDATA, R_ALLOC_KERNEL, 0)
            : NULL;
    if (!stack)
        return NULL;
    memset(p, 0, sizeof *p);
    for (int i = 0; i < 1 << KSTACK_ORDER; i++)
        stack[i].frame.pins = 1;
    kstack_frames += 1u << KSTACK_ORDER;
    p->kstack = page_va(stack);
    *(u64 *)p->kstack = STACK_MAGIC;
    p->tf = (struct trapframe *)(p->kstack + KSTACK_SIZE) - 1;
    memset(p->tf, 0, sizeof *p->tf);
    strlcpy(p->lens.name, name, sizeof p->lens.name);
    list_init(&p->children);
    list_init(&p->sibling);
    list_init(&p->own.queue);
    list_init(&p->shared.queue);
    list_init(&p->threads);
    list_init(&p->thread);
    p->leader = p;
    waitq_init(&p->thread_gone);
    list_init(&p->ready);
    waitq_init(&p->child_wait);
    timer_init(&p->alarm);
    timer_init(&p->timeout);
    p->exit_signal = SIGCHLD;
    p->start_ns = now_ns();
    p->actor = ACTOR_KERNEL;
    p->lens.pid = p->lens.tgid = pid;
    p->pid_next = *bucket(pid);
    *bucket(pid) = p;
    return p;
}

void proc_free(struct proc *p)
{
    struct page *stack = va_to_page(p->kstack);
    assert(p != current && *(u64 *)p->kstack == STACK_MAGIC);
    fp_forget(p);
    timer_stop(&p->alarm);
    list_del(&p->sibling);
    signal_queue_clear(&p->own);
    signal_queue_clear(&p->shared);
    groups_put(p->groups);
    struct proc **at = bucket(p->lens.pid);
    while (*at != p)
        at = &(*at)->pid_next;
    *at = p->pid_next;
    lowest_free = MIN(lowest_free, p);
    lens_busy();
    proc_set_state(p, PS_UNUSED);
    p->lens.pid = p->lens.tgid = 0;
    lens_ready();
    for (int i = 0; i < 1 << KSTACK_ORDER; i++)
        stack[i].frame.pins = 0;
    kstack_frames -= 1u << KSTACK_ORDER;
    page_free_order(stack, KSTACK_ORDER, R_FREE_KERNEL);
}

void proc_check_stack(struct proc *p)
{
    if (*(u64 *)p->kstack != STACK_MAGIC)
        panic("kernel stack of process %u (%s) overflowed", p->lens.pid,
              p->lens.name);
}

struct proc *proc_spawn_kernel(const char *name, void (*fn)(void *), void *arg)
{
    struct proc *p = proc_new(name);
    if (!p)
        return NULL;
    p->sighand = kzalloc(sizeof *p->sighand);
    if (!p->sighand) {
        proc_free(p);
        return NULL;
    }
    p->sighand->refs = 1;
    p->pgrp = p->session = p->lens.pid;
    for (int i = 0; i < RLIM_NLIMITS; i++)
        p->rlim[i] = (struct rlimit){~0ul, ~0ul};
    p->rlim[RLIMIT_STACK].cur = 8ul << 20;
    p->rlim[RLIMIT_CORE].cur = 0;
    p->caps = (struct caps){
        .effective = CAP_ALL, .permitted = CAP_ALL, .bounding = CAP_ALL};
    p->rlim[RLIMIT_NOFILE] = (struct rlimit){1024, FILES_MOST};
    p->rlim[RLIMIT_MEMLOCK] = (struct rlimit){8ul << 20, 8ul << 20};
    p->rlim[RLIMIT_SIGPENDING] = (struct rlimit){NPROC, NPROC};
    p->rlim[RLIMIT_NICE] = (struct rlimit){0, 0};
    p->rlim[RLIMIT_NPROC] = (struct rlimit){NPROC, NPROC};
    p->context.ra = (u64)first_run;
    p->context.sp = (u64)p->tf;
    p->context.s[0] = (u64)fn;
    p->context.s[1] = (u64)arg;
    proc_make_ready(p);
    return p;
}
