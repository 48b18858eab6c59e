/* SPDX-License-Identifier: MIT */
/* Finds kernel code that relies on values which it read before a call that may
 * sleep. Linked with the objects of kernel.elf, this file makes a kernel in
 * which nearly all functions that may sleep (sleeping.S lists them) do so
 * before they begin, and in which the audits run after each system call. Values
 * read before a call are out of date here in every run, not once in a thousand.
 * After a wake-up, chance decides which ready task runs next, so that another
 * task can withdraw the reason before the woken one runs.
 *
 * Boot arguments:
 *
 *   sleeps=SEED  chooses the sleeps and whom a wake-up puts first (0: none;
 *                default: 1)
 *   rolls=LIST   only these rolls of its dice count, as 1-4,9; so a seed that
 *                fails can be shrunk to the few that it needs
 *
 *   audits=N     audits after every N-th system call (0: never; default: 1)
 *
 * Everything is simulated, so that the same seed gives the same run. */
#include "arch/fdt.h"
#include "arch/irq.h"
#include "fs/icache.h"
#include "proc/sched.h"
#include "proc/wait.h"
#include "sys/dispatch.h"
#include "vm/lens.h"
#include "vm/space.h"

#define UNREAD (~0ul)

void sleep_here(void);
void __real_proc_make_ready(struct proc *);
void __wrap_proc_make_ready(struct proc *);
void __real_syscall_dispatch(struct trapframe *);
void __wrap_syscall_dispatch(struct trapframe *);

static u64 argument(const char *name, u64 otherwise)
{
    char text[24];
    u64 n = 0;
    if (!boot_arg(name, text, sizeof text))
        return otherwise;
    for (const char *c = text; *c >= '0' && *c <= '9'; c++)
        n = n * 10 + (u64)(*c - '0');
    return n;
}

static u64 rolls; /* so far */

/* Reads the next range of `rolls=` once the last one has passed. */
static bool roll_counts(void)
{
    static char list[4096], *at;
    static u64 first, last;
    if (!at) {
        at = list;
        last = boot_arg("rolls", list, sizeof list) ? 0 : UNREAD;
    }
    while (last < rolls && *at) {
        first = last = strtou64(at, &at, 10);
        if (*at == '-')
            last = strtou64(at + 1, &at, 10);
        at += *at == ',';
    }
    return first <= rolls && rolls <= last;
}

static u64 roll(void)
{
    static u64 state = UNREAD;
    if (state == UNREAD)
        state = argument("sleeps", 1) * 0x9e3779b97f4a7c15ul;
    if (!state)
        return 0;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    rolls++;
    return roll_counts() ? state : 0;
}

/* Three times in four the task goes to the end of the queue of ready tasks. In
 * the fourth it sleeps for up to 1 ms, and sometimes for up to 20 ms, as long
 * as a disk takes, so that tasks run that wait for a disk or a timer. */
void sleep_here(void)
{
    struct proc *me = current;
    if (!me || irq_serving || me->idle_class || me->lens.state != PS_RUNNING)
        return;
    u64 dice = roll();
    if (!dice)
        return;
    assert(lens_info.busy == 0);
    if (dice % 4) {
        sched_breathe();
        return;
    }
    u64 longest = dice % 64 ? NSEC_PER_SEC / 1000 : NSEC_PER_SEC / 50;
    bool was = me->woken;
    bool by_somebody = !sleep_until(now_ns() + (dice >> 8) % longest, NULL);
    me->woken = was || by_somebody; /* keep a wake-up meant for the caller */
}

static bool is_queued(const struct proc *p)
{
    return p->lens.state == PS_READY && !p->idle_class;
}

/* Puts every second task that is woken before a ready task chosen by chance. */
void __wrap_proc_make_ready(struct proc *p)
{
    __real_proc_make_ready(p);
    u64 dice = roll();
    if (p->idle_class || dice % 2 == 0)
        return;
    u32 ready = 0;
    for_each_task(q) ready += is_queued(q) && q != p;
    u64 place = ready ? (dice >> 1) % ready : 0;
    for_each_task(q)
    {
        if (!is_queued(q) || q == p || place--)
            continue;
        list_del(&p->ready);
        list_add_tail(&p->ready, &q->ready);
        return;
    }
}

void __wrap_syscall_dispatch(struct trapframe *tf)
{
    static u64 every = UNREAD, calls;
    if (every == UNREAD)
        every = argument("audits", 1);
    __real_syscall_dispatch(tf);
    if (every && ++calls % every == 0 &&
        (vm_audit() == -EIO || icache_audit() == -EIO))
        panic("an audit failed after system call %lu", tf->x[REG_A7]);
}
