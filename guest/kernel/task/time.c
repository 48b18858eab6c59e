/* SPDX-License-Identifier: MIT */
/* Keeps the clock, the timers and the load average. */
#include "task/time.h"
#include "arch/csr.h"
#include "arch/fdt.h"
#include "arch/sbi.h"
#include "lib/tunable.h"
#include "task/sched.h"

static u64 frequency, ns_per_tick; /* ns_per_tick 0: not an integer */
static bool have_sstc;
static u64 programmed = NEVER, started_at;
static struct list timers = LIST_INIT(timers); /* by deadline */

u64 now_ns(void)
{
    u64 t = read_time();
    if (ns_per_tick)
        return t * ns_per_tick;
    return t / frequency * NSEC_PER_SEC +
           t % frequency * NSEC_PER_SEC / frequency;
}

u64 boot_ns(void)
{
    return started_at;
}

static u64 ns_to_ticks(u64 ns)
{
    if (ns_per_tick)
        return DIV_ROUND_UP(ns, ns_per_tick);
    return ns / NSEC_PER_SEC * frequency +
           DIV_ROUND_UP(ns % NSEC_PER_SEC * frequency, NSEC_PER_SEC);
}

/* Restarts the machine after a panic, if kernel.panic is set. */
static void restart(void)
{
    u64 seconds = (u64)tun(TUN_PANIC);
    if (!seconds)
        return;
    kprintf("Rebooting in %lu seconds..\n", seconds);
    for (u64 then = now_ns() + seconds * NSEC_PER_SEC; now_ns() < then;)
        ;
    sbi_reboot();
}

void time_init(void)
{
    int cpus = fdt_path("/cpus"), cpu = fdt_first_child(cpus);
    frequency = fdt_u32(cpus, "timebase-frequency", 0);
    if (!frequency)
        frequency = fdt_u32(cpu, "timebase-frequency", 0);
    if (!frequency)
        panic("the device tree has no timebase-frequency");
    if (NSEC_PER_SEC % frequency == 0)
        ns_per_tick = NSEC_PER_SEC / frequency;
    const char *isa = fdt_string(cpu, "riscv,isa");
    have_sstc = isa && strstr(isa, "_sstc");
    started_at = now_ns();
    panic_last = restart;
}

static void set_deadline(u64 ns)
{
    u64 ticks = ns == NEVER ? NEVER : ns_to_ticks(ns);
    programmed = ns;
    if (have_sstc)
        csr_write("stimecmp", ticks);
    else
        sbi_set_timer(ticks);
}

void timer_program(u64 slice_end)
{
    u64 next = slice_end;
    if (!list_empty(&timers))
        next =
            MIN(next, list_first_entry(&timers, struct timer, link)->deadline);
    if (next != programmed)
        set_deadline(next);
}

void timer_interrupt(void)
{
    while (!list_empty(&timers)) {
        struct timer *t = list_first_entry(&timers, struct timer, link);
        if (t->deadline > now_ns())
            break;
        list_del(&t->link);
        t->fn(t);
    }
    set_deadline(NEVER); /* until timer_program sets the next time */
}

void timer_init(struct timer *t)
{
    list_init(&t->link);
    t->deadline = 0;
    t->fn = NULL;
}

void timer_start(struct timer *t, u64 deadline)
{
    struct timer *at;
    list_del(&t->link);
    t->deadline = deadline;
    list_for_each_entry(at, &timers, link)
    {
        if (at->deadline > deadline)
            break;
    }
    list_insert(&t->link, &at->link);
}

void timer_stop(struct timer *t)
{
    list_del(&t->link);
}

bool timer_running(struct timer *t)
{
    return !list_empty(&t->link);
}

/* Linux's load average: every 5 s, avg = avg * e + n * (1 - e); e in 11-bit
 * fixed point; n is the number of tasks that run, are ready or in state D. */
#define LOAD_PERIOD (5 * NSEC_PER_SEC)
static const u64 decay[3] = {1884, 2014, 2037};
static u64 loads[3], load_at;

static void load_catch_up(void)
{
    u64 active =
        proc_count(PS_READY) + proc_count(PS_RUNNING) + proc_count(PS_DISK);
    u64 now = now_ns();
    if (now - load_at > 1000 * LOAD_PERIOD)
        load_at = now - 1000 * LOAD_PERIOD;
    for (; now - load_at >= LOAD_PERIOD; load_at += LOAD_PERIOD)
        for (int i = 0; i < 3; i++)
            loads[i] =
                (loads[i] * decay[i] + (active << 16) * (2048 - decay[i])) >>
                11;
}

/* Brings the load average up to date. Called when it is read, when a process
 * sleeps and after idling, so no periodic tick is needed. */
void load_tick(void)
{
    if (now_ns() - load_at >= LOAD_PERIOD)
        load_catch_up();
}

void load_average(u64 out[3])
{
    load_tick();
    memcpy(out, loads, sizeof loads);
}
