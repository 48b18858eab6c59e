/* SPDX-License-Identifier: MIT */
/* Builds the machine: parts, wires, images. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "boot/elf.h"
#include "linux/reader.h"
#include "xv6/reader.h"
#include "machine/parts.h"
#include "swap_header.h"

#define TIMEBASE_HZ 10000000u

/* ---- wires -------------------------------------------------------------- */

/* Lowers the engine's deadline if an earlier event has been scheduled. */
static void reschedule(struct machine *m)
{
    u64 next = events_next(&m->events);
    if (next < m->parts->deadline) {
        m->parts->deadline = next;
        engine_set_deadline(m->engine, next);
    }
}

static bool mmio_read(void *machine, u64 pa, unsigned bytes, u64 *value)
{
    struct machine *m = machine;
    bool ok = bus_read(&m->parts->bus, pa, bytes, value);
    reschedule(m);
    return ok;
}

static bool mmio_write(void *machine, u64 pa, unsigned bytes, u64 value)
{
    struct machine *m = machine;
    bool ok = bus_write(&m->parts->bus, pa, bytes, value);
    reschedule(m);
    return ok;
}

void machine_hart_changed(struct machine *m, unsigned effect)
{
    if (effect & HE_TIMER)
        clint_update(&m->parts->clint);
    reschedule(m);
}

static void hart_changed(void *machine, unsigned effect)
{
    machine_hart_changed(machine, effect);
}

static void dma_touched(void *machine, u64 pa, u64 bytes, bool write)
{
    struct machine *m = machine;
    memtime_dma(&m->mem, pa, bytes, write);
    if (write)
        engine_ram_written(m->engine, pa, bytes);
    if (m->parts->on_dma)
        m->parts->on_dma(m->parts->dma_opaque, pa, bytes, write);
}

static void power_off(void *machine, int status)
{
    struct machine *m = machine;
    m->off = true;
    m->exit_status = status;
    engine_ask_stop(m->engine);
}

/* --run is one command: a reset during the command ends the run. */
static void reset_asked(void *machine)
{
    struct machine *m = machine;
    if (m->parts->lens.run) {
        power_off(m, 0);
        return;
    }
    m->parts->reset_wanted = true;
    engine_ask_stop(m->engine);
}

static void console_wanted(void *machine)
{
    struct machine *m = machine;
    if (m->io.console_in && !m->parts->uart.wire_len)
        machine_fetch_line(m);
}

static void event_caught(void *machine, const struct lens_record *r)
{
    struct machine *m = machine;
    if (m->parts->caught)
        return;
    m->parts->caught = true;
    m->parts->met = *r;
    engine_ask_stop(m->engine);
}

/* ---- the bus: rows of map.def to devices -------------------------------- */

static bool rom_read(void *rom, u64 offset, unsigned bytes, u64 *value)
{
    *value = get_le((u8 *)rom + offset, bytes);
    return true;
}

/* As in QEMU, writes to the ROM are lost. */
static bool rom_write(UNUSED void *rom, UNUSED u64 offset,
                      UNUSED unsigned bytes, UNUSED u64 value)
{
    return true;
}

/* Adapters for devices that are told the time. */
#define TIMED_DEVICE(name, part)                                               \
    static bool name##_get(void *machine, u64 off, unsigned n, u64 *v)         \
    {                                                                          \
        struct machine *m = machine;                                           \
        return name##_read(&m->parts->part, off, n, m->hart.cycle, v);         \
    }                                                                          \
    static bool name##_put(void *machine, u64 off, unsigned n, u64 v)          \
    {                                                                          \
        struct machine *m = machine;                                           \
        return name##_write(&m->parts->part, off, n, m->hart.cycle, v);        \
    }
TIMED_DEVICE(uart, uart)
TIMED_DEVICE(rtc, rtc)
TIMED_DEVICE(lens, lens)

/* All slots share one adapter, which gets the time from the slot's PLIC. */
static bool disk_slot_get(void *virtio, u64 off, unsigned n, u64 *v)
{
    return virtio_read(virtio, off, n, v);
}

static bool disk_slot_put(void *virtio, u64 off, unsigned n, u64 value)
{
    struct virtio *v = virtio;
    return virtio_write(v, off, n, v->plic->hart->cycle, value);
}

static void connect_bus(struct machine *m)
{
    struct machine_parts *p = m->parts;
    struct bus_device *d = p->bus.device;
    d[DEV_ROM] = (struct bus_device){p->rom, rom_read, rom_write};
    d[DEV_FINISHER] =
        (struct bus_device){&p->finisher, finisher_read, finisher_write};
    d[DEV_RTC] = (struct bus_device){m, rtc_get, rtc_put};
    d[DEV_CLINT] = (struct bus_device){&p->clint, clint_read, clint_write};
    d[DEV_PLIC] = (struct bus_device){&p->plic, plic_read, plic_write};
    d[DEV_UART] = (struct bus_device){m, uart_get, uart_put};
    d[DEV_LENS] = (struct bus_device){m, lens_get, lens_put};
    for (int i = 0; i < DISK_SLOTS; i++)
        d[DEV_DISK0 + i] =
            (struct bus_device){&p->virtio[i], disk_slot_get, disk_slot_put};
}

/* ---- configuration to parts --------------------------------------------- */

/* The built firmware and guest are compiled for certain extensions. On a
 * machine that lacks one, this code would trap for ever in silence. */
static void check_isa(const struct config *c, u64 exts)
{
    const char *who = c->boots_guest          ? "the guest"
                      : c->kernel && !c->bios ? "our firmware"
                                              : NULL;
    const char *needs = c->boots_guest ? "rv64gc_zicntr" : "rv64ima_zifencei";
    u64 need = 0;
    char why[100];
    if (!who || c->dump_dtb)
        return;
    isa_parse(needs, &need, why, sizeof(why));
    for (unsigned i = 0; i < EXT_COUNT; i++)
        if ((need & ~exts) >> i & 1)
            die("--isa", "%s needs %s; %s is missing", who, needs,
                isa_exts[i].name);
}

/* Returns the extensions of --isa, else the profile's, else the default. */
static u64 choose_isa(const struct config *c, const struct cpu_profile *cpu)
{
    char why[100];
    u64 exts = isa_default();
    if (cpu->isa)
        isa_parse(cpu->isa, &exts, why, sizeof(why));
    if (c->isa && !strcmp(c->isa, "list")) {
        isa_list();
        exit(0);
    }
    if (c->isa && !isa_parse(c->isa, &exts, why, sizeof(why)))
        die("--isa", "%s", why);
    check_isa(c, exts);
    return exts;
}

static void make_hart(struct machine *m)
{
    const struct config *c = m->config;
    struct hart *h = &m->hart;
    h->clock_hz = m->clock_hz;
    h->timebase_hz = TIMEBASE_HZ;
    h->exts = choose_isa(c, m->cpu);
    h->hw_ad = c->hw_ad;
    h->no_asid = !c->asid;
}

static void make_mmu(struct machine *m)
{
    const struct config *c = m->config;
    struct mmu_config t = m->cpu->mmu;
    if (c->tlb_entries) {
        t.itlb_entries = t.dtlb_entries = c->tlb_entries;
        t.itlb_ways = t.dtlb_ways = c->tlb_ways ? c->tlb_ways : c->tlb_entries;
    }
    if (c->tlb2_given) {
        t.l2_entries = c->tlb2_entries;
        t.l2_ways = c->tlb2_ways ? c->tlb2_ways : c->tlb2_entries;
    }
    t.asids = c->asid;
    if (!c->tlb_entries && !c->tlb2_given) /* else fast timing has these TLBs */
        t.fast = TLB_FAST;
    mmu_init(&m->mmu, &t);
}

static void make_memory(struct machine *m)
{
    struct memtime_config c = cpu_profile_memory(
        m->cpu, m->parts->dram, m->clock_hz, RAM_BASE, m->ram_bytes);
    m->ram = pages_new(m->ram_bytes);
    if (!m->ram)
        die("--ram", "the host has not that much memory");
    /* Huge pages save misses in the host's TLB when the guest uses much RAM. */
    madvise(m->ram, m->ram_bytes, MADV_HUGEPAGE);
    memtime_init(&m->mem, &c);
}

/* Creates the file where perf(1) looks for it; never opens an existing file or
 * a link. */
static FILE *perf_map(void)
{
    char path[40];
    snprintf(path, sizeof(path), "/tmp/perf-%ld.map", (long)getpid());
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
    if (!f)
        die(path, "%s", strerror(errno));
    return f;
}

static void make_engine(struct machine *m)
{
    bool timed = m->config->timing == TIMING_CYCLE;
    struct engine_config c = {
        .hart = &m->hart,
        .mmu = &m->mmu,
        .mem = &m->mem,
        .cpu = m->cpu,
        .port = {.opaque = m,
                 .ram = m->ram,
                 .ram_base = RAM_BASE,
                 .ram_bytes = m->ram_bytes,
                 .mmio_read = mmio_read,
                 .mmio_write = mmio_write,
                 .hart_changed = hart_changed},
        .timed = timed,
        .heat = m->config->interpreted ? 0
                : m->config->heat      ? m->config->heat
                                       : ENGINE_HEAT,
    };
    if (m->config->perf_map)
        c.code_names = m->parts->code_names = perf_map();
    mmu_set_timed(&m->mmu, timed);
    memtime_set_timed(&m->mem, timed);
    m->engine = engine_new(&c);
}

static void format_swap(struct backing *b)
{
    struct swap_header h = {
        .version = SWAP_VERSION,
        .last_page = (u32)(b->sectors * SECTOR_BYTES / PAGE_BYTES - 1),
        .magic = SWAP_MAGIC,
    };

    backing_write(b, 0, &h, sizeof(h));
}

static void make_disk(struct machine *m, unsigned slot,
                      const struct config_drive *d)
{
    struct machine_parts *p = m->parts;
    struct backing *b = &p->backing[slot];
    if (d->file) {
        backing_open_file(b, d->file, d->readonly, d->overlay);
        for (unsigned i = 0; i < slot; i++)
            if (backing_clash(&p->backing[i], b))
                die(d->file, "is drive %s as well, and one of them writes",
                    p->backing[i].file);
        backing_lock(b);
    } else {
        backing_open_memory(b, d->memory_bytes);
        format_swap(b);
    }
    p->model[slot] = disk_model_new(
        m->config->disk_model ? m->config->disk_model : disk_model_default(),
        b->sectors, m->clock_hz);
    if (!p->model[slot])
        die("--disk-model", "no such disk '%s'", m->config->disk_model);
}

static void make_faults(struct virtio *v, const struct config_drive *d)
{
    if (d->cut)
        write_cache_init(&v->cache, d->cut_seed, d->cut_loses,
                         disk_model_cache(v->model));
    v->faults = (struct disk_faults){.rule = d->fault, .n = d->nfaults};
}

static void make_devices(struct machine *m)
{
    const struct config *c = m->config;
    struct machine_parts *p = m->parts;
    struct dma dma = {m->ram, m->ram_bytes, m, dma_touched};
    clint_init(&p->clint, &m->hart, &m->events);
    plic_init(&p->plic, &m->hart);
    uart_init(&p->uart, &p->plic, &m->events, &m->io, m->clock_hz);
    rtc_init(&p->rtc, &p->plic, &m->events, m->clock_hz, c->epoch);
    p->finisher = (struct finisher){m, power_off, reset_asked};
    lens_init(&p->lens, &dma);
    p->lens.io = &m->io;
    p->lens.run = c->run;
    p->lens.opaque = m;
    p->lens.want = console_wanted;
    p->lens.off = power_off;
    p->lens.caught = event_caught;
    p->lens.pipe_in = machine_pipe_in;
    p->htif =
        (struct htif){.dma = dma, .io = &m->io, .opaque = m, .off = power_off};
    p->ndisks = c->ndrives;
    for (unsigned i = 0; i < DISK_SLOTS; i++) {
        if (i < c->ndrives)
            make_disk(m, i, &c->drives[i]);
        virtio_init(&p->virtio[i], i, &p->plic, &m->events, &dma,
                    i < c->ndrives ? &p->backing[i] : NULL, p->model[i],
                    i < c->ndrives && c->drives[i].legacy, &p->captured);
        if (i < c->ndrives)
            make_faults(&p->virtio[i], &c->drives[i]);
    }
    connect_bus(m);
}

/* ---- power on ----------------------------------------------------------- */

static void open_htif(struct machine *m)
{
    struct machine_parts *p = m->parts;
    u64 tohost = 0, fromhost = 0;
    bool bare =
        m->config->elf || (m->config->bios && !strcmp(m->config->bios, "none"));
    if (bare && m->symbols && elf_symbol(m->symbols, "tohost", &tohost))
        elf_symbol(m->symbols, "fromhost", &fromhost);
    htif_open(&p->htif, dma_ok(&p->htif.dma, tohost, 8) ? tohost : 0, fromhost);
    engine_watch_line(m->engine, p->htif.tohost);
}

static void boot(struct machine *m, bool power_on)
{
    struct machine_parts *p = m->parts;
    u64 cycle = m->hart.cycle, instret = m->hart.instret;
    events_init(&m->events);
    if (!power_on) {
        pages_clear(m->ram, m->ram_bytes);
        m->resets++;
    }
    boot_load(&p->boot, p->rom, &p->booted);
    hart_reset(&m->hart, p->booted.pc);
    m->hart.cycle = cycle;
    m->hart.instret = instret;
    m->hart.x[10] = p->booted.a0;
    m->hart.x[11] = p->booted.a1;
    if (!power_on) { /* drop caches of the old memory */
        mmu_flush_all(&m->mmu);
        memtime_set_timed(&m->mem, m->mem.timed);
        engine_ram_written(m->engine, RAM_BASE, m->ram_bytes);
    }
    engine_restart(m->engine);
    engine_context_changed(m->engine);
    clint_reset(&p->clint);
    plic_reset(&p->plic);
    uart_reset(&p->uart);
    rtc_reset(&p->rtc);
    lens_reset(&p->lens);
    for (int i = 0; i < DISK_SLOTS; i++)
        virtio_reset(&p->virtio[i]);
    p->console_owed = false;
    machine_feed(m);
    open_htif(m);
    p->reset_wanted = false;
}

void machine_reset(struct machine *m)
{
    boot(m, false);
}

static void ram_filled(void *machine, u64 pa, u64 n)
{
    struct machine *m = machine;
    engine_ram_written(m->engine, pa, n);
}

/* True if the symbols are addresses in RAM, as in the ELF file of a kernel that
 * was loaded raw; those of Linux' vmlinux are virtual addresses above RAM. */
static bool names_ram(const struct machine *m, const struct elf_symbols *s)
{
    u64 va = 0;
    for (size_t i = 0; va < RAM_BASE; i++)
        if (!elf_symbol_nth(s, i, &va))
            return false;
    return va - RAM_BASE < m->ram_bytes;
}

/* Reads symbols from the loaded ELF file, or from the file of --symbols if its
 * symbols lie in RAM: a kernel loaded raw by --bios or --kernel. */
static void read_symbols(struct machine *m)
{
    const struct config *c = m->config;
    if (c->symbols && access(c->symbols, R_OK))
        die(c->symbols, "%s", strerror(errno));
    m->symbols_file = c->elf ? c->elf : c->kernel;
    m->symbols = elf_symbols_read(m->symbols_file ? m->symbols_file : "");
    struct elf_symbols *other = elf_symbols_read(c->symbols ? c->symbols : "");
    if (c->symbols && (c->elf || c->boots_guest) &&
        !elf_symbol_nth(other, 0, &(u64){0}))
        die(c->symbols, "no ELF file with symbols");
    if (names_ram(m, other)) {
        elf_symbols_free(m->symbols);
        m->symbols = other;
        m->symbols_file = c->symbols;
    } else {
        elf_symbols_free(other);
    }
}

struct machine *machine_new(const struct config *c, const struct host_io *io)
{
    struct machine *m = xcalloc(1, sizeof(*m));
    struct machine_parts *p = m->parts = xcalloc(1, sizeof(*p));
    m->config = c;
    m->io = *io;
    m->cpu = cpu_profile_find(c->cpu ? c->cpu : "u54");
    if (!m->cpu)
        die("--cpu", "no such profile '%s'", c->cpu);
    p->dram = dram_part_find(c->dram ? c->dram : "ddr4-2400r");
    if (!p->dram)
        die("--dram", "no such part '%s'", c->dram);
    m->clock_hz = c->clock_hz ? c->clock_hz : m->cpu->clock_hz;
    m->ram_bytes = c->ram_bytes;
    if (!m->ram_bytes || m->ram_bytes % PAGE_BYTES)
        die("--ram", "not a whole number of pages");
    make_hart(m);
    make_mmu(m);
    make_memory(m);
    make_engine(m);
    events_init(&m->events);
    make_devices(m);
    machine_make_past(m);
    p->boot = (struct boot_input){
        .config = c,
        .ram = {m->ram, RAM_BASE, m->ram_bytes, ram_filled, m},
        .append = c->append,
        .exts = m->hart.exts,
        .timebase_hz = TIMEBASE_HZ,
    };
    read_symbols(m);
    boot(m, true);
    return m;
}

void machine_free(struct machine *m)
{
    struct machine_parts *p = m->parts;
    engine_free(m->engine);
    if (m->parts->code_names)
        fclose(m->parts->code_names);
    for (unsigned i = 0; i < DISK_SLOTS; i++)
        virtio_free(&p->virtio[i]);
    for (unsigned i = 0; i < p->ndisks; i++) {
        disk_model_free(p->model[i]);
        backing_close(&p->backing[i]);
    }
    uart_free(&p->uart);
    lens_free(&p->lens);
    history_free(m->past);
    memtime_free(&m->mem);
    mmu_free(&m->mmu);
    munmap(m->ram, m->ram_bytes);
    elf_symbols_free(m->symbols);
    linux_close(m->reader.kernel);
    xv6_close(m->reader.xv6);
    free_all(p->loaded.run, p->loaded.append, p, m);
}
