/* SPDX-License-Identifier: MIT */
/* Reads processes from the list that begins with init_task, and threads from
 * each process's own list (Linux 6.12, include/linux/sched.h). */
#include "linux/internal.h"

#include <stdlib.h>

#define SATP_SV39 (8ull << 60)
#define ASIDS     0xffff /* bits of satp; above them context.id has a version */

u32 lx_slot(u64 area, u64 page)
{
    if (area >= LINUX_SWAP_AREAS || !page || page >> LX_SLOT_BITS)
        return LINUX_NO_SLOT;
    return (u32)(area << LX_SLOT_BITS | page);
}

u32 linux_pte_slot(u64 pte)
{
    return pte & N_PTE_NOT_SWAP
               ? LINUX_NO_SLOT
               : lx_slot(pte >> N_PTE_AREA_SHIFT & N_PTE_AREA_MASK,
                         pte >> N_PTE_PAGE_SHIFT);
}

/* ---- one task ----------------------------------------------------------- */

static u32 state_of(u64 state, u64 exit)
{
    if (exit & N_ENDED)
        return PS_ZOMBIE;
    if (state & N_STOPPED)
        return PS_STOPPED;
    if (state & N_UNINTERRUPTIBLE && !(state & N_NO_LOAD))
        return PS_DISK;
    return state ? PS_SLEEPING : PS_READY;
}

/* Reads a percpu_counter of mm->rss_stat, with the CPU's own part. */
static s64 rss(struct linux_kernel *k, u64 mm, enum lx_value which)
{
    u64 each = k->layout.field[F_MM_RSS].size / 4, cpu = 0, count, counters;
    u64 at = lx_at(k, mm, F_MM_RSS) + each * (u64)k->layout.value[which];
    if (!lx_get(k, at, F_COUNTER_COUNT, &count) ||
        !lx_get(k, at, F_COUNTER_CPUS, &counters) ||
        !lx_number(k, counters + k->percpu, 4, &cpu))
        return 0;
    s64 sum = (s64)count + (s32)cpu;
    return sum > 0 ? sum : 0;
}

static void memory_of(struct linux_kernel *k, u64 mm, struct lens_proc *p)
{
    u64 pgd, pa, asid, pages;
    if (!lx_follow(k, mm, F_MM_PGD, &pgd) || !lx_pa(k, pgd, &pa) ||
        pa % PAGE_BYTES || !lx_ram(k, pa, PAGE_BYTES))
        return;
    lx_get(k, mm, F_MM_ASID, &asid);
    lx_get(k, mm, F_MM_TOTAL, &pages);
    p->asid = asid & ASIDS;
    p->satp = SATP_SV39 | (u64)p->asid << 44 | pa >> PAGE_SHIFT;
    if (p->pid != p->tgid)
        return;
    p->vmas = mm;
    p->vsize = pages << PAGE_SHIFT;
    p->rss = (u64)(rss(k, mm, V_MM_FILE) + rss(k, mm, V_MM_ANON) +
                   rss(k, mm, V_MM_SHMEM));
}

/* A process's faults include those of its ended threads. */
static void faults_of(struct linux_kernel *k, u64 task, struct lens_proc *p)
{
    u64 signal, more;
    lx_get(k, task, F_TASK_MINFLT, (u64 *)&p->min_flt);
    lx_get(k, task, F_TASK_MAJFLT, (u64 *)&p->maj_flt);
    if (p->pid != p->tgid || !lx_follow(k, task, F_TASK_SIGNAL, &signal))
        return;
    lx_get(k, signal, F_SIGNAL_MINFLT, &more);
    p->min_flt += more;
    lx_get(k, signal, F_SIGNAL_MAJFLT, &more);
    p->maj_flt += more;
}

static bool one(struct linux_kernel *k, u64 task, struct lens_proc *p)
{
    u64 pid, tgid, ppid = 0, parent, state, exit, mm, stack;
    *p = (struct lens_proc){.state = PS_UNUSED};
    if (!lx_get(k, task, F_TASK_PID, &pid) || !pid ||
        !lx_get(k, task, F_TASK_TGID, &tgid) ||
        !lx_get(k, task, F_TASK_STATE, &state) ||
        !lx_get(k, task, F_TASK_EXIT, &exit) ||
        !lx_read(k, lx_at(k, task, F_TASK_COMM), p->name, sizeof p->name))
        return false;
    if (lx_follow(k, task, F_TASK_PARENT, &parent))
        lx_get(k, parent, F_TASK_TGID, &ppid);
    p->pid = (u32)pid;
    p->tgid = (u32)tgid;
    p->ppid = (u32)ppid;
    p->state = state_of(state, exit);
    faults_of(k, task, p);
    if (lx_follow(k, task, F_TASK_MM, &mm))
        memory_of(k, mm, p);
    if (lx_follow(k, task, F_TASK_STACK, &stack))
        lx_mark_task(k, stack, p->pid);
    if (p->satp)
        lx_mark_root(k, p->satp, p->tgid);
    return true;
}

/* ---- all tasks ---------------------------------------------------------- */

static void take_task(struct linux_kernel *k, u64 task)
{
    if (k->ntasks < LINUX_TASKS && one(k, task, &k->task[k->ntasks]))
        k->ntasks++;
}

static void threads(struct linux_kernel *k, u64 task)
{
    u64 signal, member = k->layout.field[F_TASK_NODE].at;
    if (!lx_follow(k, task, F_TASK_SIGNAL, &signal))
        return;
    u64 head = lx_at(k, signal, F_SIGNAL_THREADS), at = head;
    for (unsigned i = 0; i < LINUX_TASKS; i++) {
        if (!lx_number(k, at, 8, &at) || at == head || at & 7)
            return;
        if (at - member != task)
            take_task(k, at - member);
        if (k->ntasks == LINUX_TASKS)
            return;
    }
}

/* Finds the file system in which paths begin. It is that of pid 1's root, which
 * may no longer be the initrd. */
static void find_root_filesystem(struct linux_kernel *k, u64 task)
{
    u64 fs, dentry;
    k->root_sb = 0;
    if (lx_follow(k, task, F_TASK_FS, &fs) &&
        lx_follow(k, fs, F_FS_ROOT, &dentry))
        lx_follow(k, dentry, F_DENTRY_SB, &k->root_sb);
}

static u32 running(struct linux_kernel *k, u32 *tgid)
{
    u64 task, pid, process;
    *tgid = 0;
    if (!lx_follow(k, k->layout.address[A_RUNQUEUES] + k->percpu, F_RQ_CURR,
                   &task) ||
        !lx_get(k, task, F_TASK_PID, &pid) ||
        !lx_get(k, task, F_TASK_TGID, &process))
        return 0;
    *tgid = (u32)process;
    return (u32)pid;
}

/* Moves tasks without an mm (dozens of kernel threads, zombies) to the end,
 * because a display shows only some rows. */
static void programs_first(struct linux_kernel *k)
{
    struct lens_proc *rows = xcalloc(LINUX_TASKS, sizeof *rows);
    unsigned n = 0;
    for (int threads = 0; threads < 2; threads++)
        for (unsigned i = 0; i < k->ntasks; i++)
            if ((k->task[i].satp == 0) == threads)
                rows[n++] = k->task[i];
    memcpy(k->task, rows, n * sizeof *rows);
    free(rows);
}

unsigned linux_tasks(struct linux_kernel *k, const struct lens_proc **rows)
{
    u64 head = k->layout.address[A_INIT_TASK], task = head, next;
    u64 member = k->layout.field[F_TASK_TASKS].at;
    u32 tgid, current = running(k, &tgid);
    *rows = k->task;
    if (k->tasks_read)
        return k->ntasks;
    k->tasks_read = true;
    if (!k->marked)
        lx_marks(k);
    k->ntasks = 0;
    for (unsigned i = 0; i < LINUX_TASKS; i++) {
        if (!lx_number(k, task + member, 8, &next) || next & 7 ||
            next - member == head)
            break;
        task = next - member;
        unsigned at = k->ntasks;
        take_task(k, task);
        if (at < k->ntasks && k->task[at].pid == 1)
            find_root_filesystem(k, task);
        if (at < k->ntasks)
            threads(k, task);
    }
    for (unsigned i = 0; i < k->ntasks; i++)
        if (k->task[i].pid == current && k->task[i].state == PS_READY)
            k->task[i].state = PS_RUNNING;
    programs_first(k);
    return k->ntasks;
}

u32 linux_current(struct linux_kernel *k, u32 *tgid)
{
    return running(k, tgid);
}
