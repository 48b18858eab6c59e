/* SPDX-License-Identifier: MIT */
/* Starts all parts, in order. arch/head.S calls kernel_main with the MMU on. */
#include "arch/fdt.h"
#include "arch/irq.h"
#include "arch/sbi.h"
#include "drv/drv.h"
#include "drv/lens.h"
#include "fs/dev/tty.h"
#include "fs/vfs.h"
#include "task/sched.h"
#include "sys/sysrq.h"
#include "vm/pte.h"
#include "vm/reclaim.h"
#include "proc/life.h"

void kernel_main(u64 hart, u64 fdt_pa);

static const char *const init_env[] = {
    "PATH=/era/bin:/bin:/sbin:/usr/bin:/usr/sbin", "HOME=/root", "TERM=linux",
    "USER=root", NULL};

/* Starts the first program: with run=, /sbin/init -c COMMAND; otherwise the
 * program that init= names, or /sbin/init. */
static int exec_first(void)
{
    static char run[512], init[128];
    if (boot_arg("run", run, sizeof run)) {
        const char *const argv[] = {"init", "-c", run, NULL};
        return exec_kernel("/sbin/init", argv, init_env);
    }
    if (!boot_arg("init", init, sizeof init))
        strlcpy(init, "/sbin/init", sizeof init);
    const char *const argv[] = {init, NULL};
    return exec_kernel(init, argv, init_env);
}

/* Runs as the first process: mounts, then executes the first program. */
static void first_process(void *arg)
{
    vfs_init();
    if (files_init_proc(current))
        panic("no memory for the first process");
    int err = exec_first();
    if (err)
        panic("cannot start /sbin/init: error %d", -err);
}

static void seed_random(void)
{
    u32 n;
    int chosen = fdt_path("/chosen");
    const void *seed = fdt_prop(chosen, "rng-seed", &n);
    if (seed)
        random_seed(seed, n);
}

static void announce(void)
{
    char quiet[8], n[16];
    if (boot_arg("allocfail", n, sizeof n))
        alloc_fail_every = strtou64(n, NULL, 10);
    lens_info.procs_pa = va_pa(proc_table);
    lens_info.proc_stride = sizeof(struct proc);
    lens_info.nprocs = NPROC;
    sched_lens(&lens_info);
    lens_busy(); /* until boot's frames have been reported */
    lens_init(va_pa(&lens_info));
    frames_report_boot();
    lens_ready();
    if (!boot_arg("quiet", quiet, sizeof quiet))
        kprintf("Clockhand guest kernel: %lu KiB of RAM, %lu KiB free\n",
                nframes * 4, free_frames * 4);
}

void kernel_main(u64 hart, u64 fdt_pa)
{
    trap_init();
    fdt_init(pa_va(fdt_pa));
    sbi_init();
    memory_init();
    vm_init();
    seed_random();
    irq_init();
    time_init();
    tty_init();
    drv_init();
    sysrq_init();
    proc_table_init();
    if (!proc_spawn_kernel("init", first_process, NULL))
        panic("no memory for the first process");
    reclaim_start();
    announce();
    sched_idle();
}
