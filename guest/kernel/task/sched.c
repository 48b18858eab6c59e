/* SPDX-License-Identifier: MIT */
/* The scheduler serves one ready queue in order, except that tasks that an
 * interrupt woke go first, in the order of their interrupts. While that queue
 * is empty, it serves `lazy`. A turn takes 10 ms, 2 ms if the task went first.
 *
 *   schedule()  leaves the hart to the next in the queue, or to the idle
 *               loop on the boot stack; returns when our turn comes again
 *
 * The timer interrupts only at the end of a turn while another task waits, or
 * when a timer is due. */
#include "task/sched.h"
#include "arch/csr.h"
#include "arch/irq.h"
#include "vm/page.h"
#include "vm/space.h"
#include "vm/swap.h"

#define FIRST_NS (TURN_NS / 5) /* turn of a task that goes first */

static struct list ready = LIST_INIT(ready);
/* The last task in `ready` that an interrupt woke; none: the queue's head. */
static struct list *last_woken = &ready;
static struct list lazy = LIST_INIT(lazy); /* idle_class: run last */
static struct context idle_context;
static struct proc *fp_owner; /* the FP registers hold this task's values */
static u32 on_hart[2];        /* current's tgid and pid, for the machine */
static u64 idle_time;

struct hart_time hart_time;

u64 idle_ns(void)
{
    return idle_time;
}

static u64 queued_ns, queue_at; /* hart_time_queued() at time queue_at */
static u32 in_line;             /* tasks waiting for the hart since queue_at */

u64 hart_time_queued(void)
{
    u64 now = now_ns();
    queued_ns += in_line * (now - queue_at);
    hart_time.occupied += in_line ? now - queue_at : 0;
    queue_at = now;
    return queued_ns;
}

static u32 in_state[PS_ZOMBIE + 1]; /* tasks; PS_UNUSED: free slots - NPROC */

void proc_set_state(struct proc *p, enum proc_state s)
{
    in_state[p->lens.state]--;
    in_state[s]++;
    bool was = p->lens.state == PS_READY, is = s == PS_READY;
    if (was != is && !p->idle_class) {
        hart_time_queued();
        in_line += is;
        in_line -= was;
    }
    p->lens.state = s;
    if (s != PS_UNUSED)
        proc_top = MAX(proc_top, (u32)(p - proc_table) + 1);
    while (proc_top && proc_table[proc_top - 1].lens.state == PS_UNUSED)
        proc_top--;
}

u32 proc_count(enum proc_state s)
{
    return s == PS_UNUSED ? NPROC + in_state[s] : in_state[s];
}

/* A task that an interrupt wakes (from a device or a timer) goes first, and the
 * running task's turn ends: a program that computes must not add 10 ms to each
 * disk read of another. But its turn is short: six tasks that one read wakes
 * and that then compute must not make the next task wait 60 ms. A task woken by
 * a system call goes to the end of the queue, so that two that wake each other
 * cannot keep the others out. */
void proc_make_ready(struct proc *p)
{
    assert(list_empty(&p->ready) && p != current);
    proc_set_state(p, PS_READY);
    if (p->idle_class) {
        list_add_tail(&p->ready, &lazy);
    } else if (irq_serving) {
        list_add(&p->ready, last_woken);
        last_woken = &p->ready;
        p->goes_first = true;
        if (current)
            current->hold_end = 0;
    } else {
        list_add_tail(&p->ready, &ready);
    }
}

bool sched_need(void)
{
    return !list_empty(&ready) && now_ns() >= current->hold_end;
}

void fp_sync(struct proc *p)
{
    if (fp_owner == p && (p->tf->status & SSTATUS_FS) == FS_DIRTY) {
        csr_set("sstatus", SSTATUS_FS);
        fp_save(&p->fp);
        p->tf->status = (p->tf->status & ~SSTATUS_FS) | FS_CLEAN;
    }
}

void fp_forget(struct proc *p)
{
    if (fp_owner == p)
        fp_owner = NULL;
}

static void fp_load(struct proc *p)
{
    if (fp_owner == p)
        return;
    csr_set("sstatus", SSTATUS_FS);
    fp_restore(&p->fp);
    fp_owner = p;
    p->tf->status = (p->tf->status & ~SSTATUS_FS) | FS_CLEAN;
}

static struct proc *take_first(struct list *queue)
{
    if (list_empty(queue))
        return NULL;
    struct proc *p = list_first_entry(queue, struct proc, ready);
    if (last_woken == &p->ready)
        last_woken = &ready;
    list_del(&p->ready);
    return p;
}

/* Gives the hart to p: starts its clock and its turn. */
static void give_hart(struct proc *p)
{
    u64 now = now_ns();
    proc_set_state(p, PS_RUNNING);
    p->stamp = now;
    p->hold_end = now + (p->goes_first ? FIRST_NS : TURN_NS);
    p->goes_first = false;
    on_hart[0] = p->lens.tgid;
    on_hart[1] = p->lens.pid;
    current = p;
    space_activate(p->space);
    COUNT(CTXT);
}

static bool irq_due(void)
{
    timer_program(NEVER); /* for timers started since the last call */
    return csr_read("sip") & (1u << IRQ_EXT | 1u << IRQ_TIMER);
}

/* If interrupts are due, the idle loop runs next and serves them: else tasks
 * that sleep and wake each other, and never return to their programs, would
 * keep out a task that an interrupt is to wake. */
void schedule(void)
{
    assert(lens_info.busy == 0);
    swap_submit_gathered();
    struct proc *me = current;
    struct proc *next = irq_due() ? NULL : take_first(&ready);
    u64 now = now_ns();
    proc_check_stack(me);
    if (next == me) { /* only this task is ready */
        proc_set_state(me, PS_RUNNING);
        me->hold_end = now + TURN_NS;
        return;
    }
    CHARGE(me, stime, now - me->stamp);
    hart_time.system += now - me->stamp;
    me->left_ns = now;
    if (me->space)
        fp_sync(me);
    if (next)
        give_hart(next);
    else
        current = NULL;
    switch_to(&me->context, next ? &next->context : &idle_context);
}

void sched_yield_now(void)
{
    if (list_empty(&ready))
        return;
    struct proc *me = current;
    proc_set_state(me, PS_READY);
    list_add_tail(&me->ready, &ready);
    CHARGE(me, nivcsw, 1);
    schedule();
}

void sched_end_turn(void)
{
    if (current)
        current->hold_end = 0;
}

static void serve_interrupts(void)
{
    if (irq_due())
        irq_poll();
}

void sched_breathe(void)
{
    struct proc *me = current;
    if (me->idle_class) { /* yield to the idle loop, which serves interrupts */
        proc_set_state(me, PS_READY);
        list_add_tail(&me->ready, &lazy);
        CHARGE(me, nivcsw, 1);
        schedule();
        return;
    }
    /* Needed also while tasks are ready: else two threads that yield to each
     * other would never notice the end of the write that they wait for. */
    serve_interrupts();
    if (!list_empty(&ready))
        sched_yield_now();
}

bool cond_resched(void)
{
    serve_interrupts();
    if (sched_need())
        sched_yield_now();
    return signal_fatal_pending(current);
}

void sched_lens(struct lens_info *info)
{
    info->current_pa = va_pa(on_hart);
}

/* The idle loop: waits in wfi, where interrupts become pending but are not
 * taken, and serves them here. */
void sched_idle(void)
{
    lens_nobody = ACTOR_KERNEL; /* start-up is over */
    for (;;) {
        proc_clear_graves();
        current = NULL;
        serve_interrupts();
        struct proc *next = take_first(&ready);
        next = next ? next : take_first(&lazy);
        if (next) {
            give_hart(next);
            switch_to(&idle_context, &next->context);
            continue;
        }
        u64 before = now_ns();
        bool disk = proc_count(PS_DISK) != 0;
        on_hart[0] = on_hart[1] = 0;
        swap_submit_gathered();
        timer_program(NEVER);
        while (!csr_read("sip") && page_clear_ahead())
            ;
        if (!csr_read("sip"))
            __asm__ volatile("wfi");
        load_tick(); /* samples the load of the idle time */
        irq_poll();
        u64 idle = now_ns() - before;
        idle_time += idle;
        hart_time.waiting += disk ? idle : 0;
    }
}

void account_user(void)
{
    u64 now = now_ns();
    CHARGE(current, utime, now - current->stamp);
    hart_time.user += now - current->stamp;
    current->stamp = now;
    cpu_timers_ring(current->leader);
}

void sched_leave_kernel(struct trapframe *tf)
{
    struct proc *me = current;
    u64 now = now_ns();
    fp_load(me);
    space_activate(me->space);
    CHARGE(me, stime, now - me->stamp);
    hart_time.system += now - me->stamp;
    me->stamp = now;
    tf->status = (tf->status & ~(SSTATUS_SPP | SSTATUS_SIE)) | SSTATUS_SPIE;
    timer_program(
        MIN(list_empty(&ready) ? NEVER : me->hold_end, cpu_timers_due(me)));
}
