/* SPDX-License-Identifier: MIT */
/* Prints SysRq's reports on request from the console (BREAK, then a key) or
 * through /proc/sysrq-trigger.
 *
 * Key m prints the report of Alt-SysRq-M in Linux 2.4.0-test2
 * (arch/i386/mm/init.c: show_mem, mm/page_alloc.c: show_free_areas), with the
 * four lines by which the kpaged patch replaced show_swap_cache_info
 * (tests/CONTRACT.md, 004). "-" stands for a number of a feature that the
 * policy in force lacks. */
#include "drv/uart.h"
#include "fs/buffer.h"
#include "fs/proc/counters.h"
#include "fs/proc/procfs.h"
#include "sys/sysrq.h"
#include "vm/space.h"
#include "vm/zone.h"

/* ---- the four lines ---- */

#define LETTERS 20 /* A to T */

static char letter[LETTERS][24];

/* Formats numbers A to T (SYSRQ_M in outputs.def); computes H, a quotient. */
static void find_letters(void)
{
    static const struct {
        enum output output;
        char letter;
        const char *source;
    } columns[] = {
#define OUTPUT(id, system, command, sentence)
#define COLUMN(output, name, width, decimals, kind, source, measures, isnt)    \
    {OUT_##output, (name)[0], source},
#include "abi/outputs.def"
    };
    const s64 *all = numbers_now();
    for (u32 i = 0; i < ARRAY_SIZE(columns); i++) {
        if (columns[i].output != OUT_SYSRQ_M || columns[i].letter == 'H')
            continue;
        char *text = letter[columns[i].letter - 'A'];
        s64 v = number_of(all, columns[i].source);
        snprintf(text, sizeof(letter[0]), v < 0 ? "-" : "%ld", v);
    }
    u64 found = counters[C_SWPCACHE_HIT], faults = counters[C_SWPC_FIND];
    snprintf(letter['H' - 'A'], sizeof(letter[0]), "%lu",
             faults ? found * 100 / faults : 0);
}

static void show_swap_cache_info(void)
{
#define L(c) letter[(c) - 'A']
    find_letters();
    kprintf("Swap cache: add %s [%s-%s], del %s, find %s/%s [%s] %s%%\n",
            L('A'), L('B'), L('C'), L('D'), L('E'), L('F'), L('G'), L('H'));
    kprintf("kswapd: total %s overload %s out of sync %s\n", L('I'), L('J'),
            L('K'));
    kprintf("kswapd: wakeup %s [g %s y %s o %s r %s] free %s io %s\n", L('L'),
            L('M'), L('N'), L('O'), L('P'), L('Q'), L('R'));
    kprintf("kswapd: aged pages %s dirty pages %s\n", L('S'), L('T'));
#undef L
}

/* ---- the other lines of show_mem ---- */

/* Prints a zone's free blocks of each size, and their sum. */
static void show_blocks(const struct zone *z)
{
    u64 total = 0;
    kprintf("  %s: ", z->name);
    for (u32 k = 0; k <= MAX_ORDER; k++) {
        u64 blocks = zone_blocks(z, k);
        kprintf("%lu*%lukB ", blocks, (PAGE_SIZE >> 10) << k);
        total += blocks * ((PAGE_SIZE >> 10) << k);
    }
    kprintf("= %lukB)\n", total);
}

static u64 shared_pages(void)
{
    u64 n = 0;
    for (u64 i = 0; i < nframes; i++)
        if (&frames[i] != zero_page && frames[i].frame.refs > 1)
            n += (u64)frames[i].frame.refs - 1;
    return n;
}

void sysrq_show_mem(void)
{
    struct vm_stats st;
    u64 k = PAGE_SIZE / 1024;

    vm_stats(&st);
    kprintf("SysRq: Show Memory\nMem-info:\n");
    kprintf("Free pages:      %6lukB (%6lukB HighMem)\n", free_frames * k,
            zones[ZONE_HIGHMEM].free * k);
    kprintf("( Free: %lu, lru_cache: %lu (%lu %lu %lu) )\n", free_frames,
            st.file + st.shmem + st.swap_cached, memory_levels.min,
            memory_levels.low, memory_levels.high);
    for_each_zone(z) show_blocks(z);
    show_swap_cache_info();
    kprintf("Free swap:       %6lukB\n", st.swap_free * k);
    kprintf("%lu pages of RAM\n", nframes);
    kprintf("%lu pages of HIGHMEM\n", zone_present(&zones[ZONE_HIGHMEM]));
    kprintf("%lu reserved pages\n", boot_frames);
    kprintf("%lu pages shared\n", shared_pages());
    kprintf("%lu pages swap cached\n", st.swap_cached);
    kprintf("%u pages in page table cache\n", 0); /* there is none */
    kprintf("Buffer memory:   %6lukB\n", buf_bytes() / 1024);
}

static void key(u8 c)
{
    if (c == 'm')
        sysrq_show_mem();
    else
        kprintf("SysRq: HELP : showMem\n");
}

void sysrq_init(void)
{
    uart_on_sysrq(key);
}

int write_sysrq(struct seq *s, const char *text, size_t n)
{
    if (!n)
        return -EINVAL;
    key((u8)text[0]);
    return 0;
}
