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
 *   rolls=LIST   only these rolls of its dice count: all of tasks 4 to 6, say,
 *                and of task 9 the rolls 3 and 5 to 8, as 4-6,9:3,9:5-8; so a
 *                seed that fails can be shrunk to the few that it needs
 *
 *   audits=N     audits after every N-th system call (0: never; default: 1)
 *
 * Freed memory (kfree) is filled with POISON and kept for a while: whoever
 * still follows a pointer in it traps, and whoever writes to it is found out.
 *
 * Everything is simulated, so that the same seed gives the same run. */
#include "arch/fdt.h"
#include "arch/irq.h"
#include "fs/icache.h"
#include "task/sched.h"
#include "task/wait.h"
#include "sys/dispatch.h"
#include "drv/lens.h"
#include "vm/space.h"

#define UNREAD (~0ul)

#define POISON 0x6b /* no address, no small number */
#define KEPT   512u /* objects */

void sleep_here(void);
void __real_kfree(void *);
void __wrap_kfree(void *);
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

/* Tells whether `rolls=` names this roll, or the argument is missing. */
static bool roll_counts(u32 pid, u64 nth)
{
    static char text[4096];
    static struct {
        u64 pid, last_pid, first, last;
    } list[512], *end;
    if (!end) {
        char *c = text;
        end = list;
        if (!boot_arg("rolls", text, sizeof text))
            *end++ = (typeof(*list)){0, UNREAD, 0, UNREAD};
        for (; *c; c += *c == ',') {
            end->pid = end->last_pid = strtou64(c, &c, 10);
            end->last = UNREAD;
            bool one = *c == ':';
            if (one)
                end->first = end->last = strtou64(c + 1, &c, 10);
            if (*c == '-')
                *(one ? &end->last : &end->last_pid) = strtou64(c + 1, &c, 10);
            end++;
            assert(end < list + ARRAY_SIZE(list));
        }
    }
    for (typeof(*list) *l = list; l < end; l++)
        if (l->pid <= pid && pid <= l->last_pid && l->first <= nth &&
            nth <= l->last)
            return true;
    return false;
}

/* Each task has its own dice, so that a roll which is left out, and a task that
 * runs earlier for it, change no other task's rolls. The number of a roll says
 * how often the task had come to a place where it may sleep; a wake-up has the
 * number of the last of these. */
static u64 roll(const struct proc *p, bool wakes)
{
    static u64 seed = UNREAD;
    static struct {
        u64 nth, wakes;
    } tasks[1024], *t;
    if (seed == UNREAD)
        seed = argument("sleeps", 1);
    t = &tasks[p->lens.pid % ARRAY_SIZE(tasks)];
    t->nth += !wakes;
    t->wakes = wakes ? t->wakes + 1 : 0;
    if (!seed || !roll_counts(p->lens.pid, t->nth))
        return 0;
    u64 x = seed;
    const u64 of[] = {p->lens.pid, t->nth, t->wakes};
    for (size_t i = 0; i < ARRAY_SIZE(of); i++) { /* as splitmix64 */
        x = (x + of[i] + 1) * 0x9e3779b97f4a7c15ul;
        x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ul;
        x = (x ^ x >> 27) * 0x94d049bb133111ebul;
        x ^= x >> 31;
    }
    return x;
}

/* Three times in four the task goes to the end of the queue of ready tasks. In
 * the fourth it sleeps for up to 1 ms, and sometimes for up to 20 ms, as long
 * as a disk takes, so that tasks run that wait for a disk or a timer. */
void sleep_here(void)
{
    struct proc *me = current;
    if (!me || irq_serving || me->idle_class || me->lens.state != PS_RUNNING)
        return;
    u64 dice = roll(me, false);
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
    u64 dice = roll(p, true);
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

static bool is_poison(const u8 *p, u64 n)
{
    for (u64 i = 0; i < n; i++)
        if (p[i] != POISON)
            return false;
    return true;
}

/* Frees an object that was freed KEPT objects earlier. Blocks of frames, which
 * would make memory short, are freed at once. */
void __wrap_kfree(void *p)
{
    static struct {
        u8 *p;
        u64 n;
    } kept[KEPT], *k = kept;
    u64 n =
        p ? va_to_page(p)->frame.index : 0; /* of a slab: the object's size */
    if (!p || n > PAGE_SIZE) {
        __real_kfree(p);
        return;
    }
    for (typeof(k) other = kept; other < kept + KEPT; other++)
        assert(other->p != p);
    if (k->p && !is_poison(k->p, k->n))
        panic("freed memory at %p was written", (void *)k->p);
    __real_kfree(k->p);
    k->p = memset(p, POISON, n);
    k->n = n;
    k = k + 1 < kept + KEPT ? k + 1 : kept;
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
