/* SPDX-License-Identifier: MIT */
#include "boot/fdt.h"

#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>

#include "dev/bus.h"
#include "dev/plic.h"
#include "hart/hart.h"

#define TREE_BYTES 16384
#define TREE_ROOM  512 /* see fdt_leave_room */
enum { PHANDLE_CPU = 1, PHANDLE_PLIC, PHANDLE_TEST };

/* libfdt's calls here fail only for lack of room. TREE_BYTES is ample for all
 * but bootargs, whose length is added to it. */
static void must(int err)
{
    assert(err == 0);
    (void)err;
}

static void cell(void *t, const char *name, u32 v)
{
    must(fdt_property_u32(t, name, v));
}

static void text(void *t, const char *name, const char *v)
{
    must(fdt_property_string(t, name, v));
}

/* Puts a list of strings separated by NULs; n counts all bytes. */
static void texts(void *t, const char *name, const char *v, size_t n)
{
    must(fdt_property(t, name, v, (int)n));
}

/* Puts name = <a b>, two cells each. */
static void pair(void *t, const char *name, u64 a, u64 b)
{
    fdt64_t v[2] = {cpu_to_fdt64(a), cpu_to_fdt64(b)};
    must(fdt_property(t, name, v, sizeof(v)));
}

static void reg(void *t, u64 base, u64 bytes)
{
    pair(t, "reg", base, bytes);
}

static void begin(void *t, const char *name, u64 unit)
{
    char buf[64];
    snprintf(buf, sizeof(buf), "%s@%llx", name, unit);
    must(fdt_begin_node(t, buf));
}

static void begin_device(void *t, enum device_id id)
{
    const struct device_row *d = &device_map[id];
    begin(t, d->name, d->base);
    reg(t, d->base, d->bytes);
    if (d->irq) {
        cell(t, "interrupts", d->irq);
        cell(t, "interrupt-parent", PHANDLE_PLIC);
    }
}

static void end(void *t)
{
    must(fdt_end_node(t));
}

/* Connects a device to two inputs of the cpu's interrupt controller. */
static void extended(void *t, u32 first, u32 second)
{
    fdt32_t v[4] = {cpu_to_fdt32(PHANDLE_CPU), cpu_to_fdt32(first),
                    cpu_to_fdt32(PHANDLE_CPU), cpu_to_fdt32(second)};
    must(fdt_property(t, "interrupts-extended", v, sizeof(v)));
}

static void chosen(void *t, const struct fdt_facts *f)
{
    u64 s = f->seed ? f->seed : 1;
    u8 rng[32];
    char path[64];
    must(fdt_begin_node(t, "chosen"));
    if (f->bootargs && *f->bootargs)
        text(t, "bootargs", f->bootargs);
    snprintf(path, sizeof(path), "/soc/serial@%llx", device_map[DEV_UART].base);
    text(t, "stdout-path", path);
    if (f->initrd_end > f->initrd_start) {
        must(fdt_property_u64(t, "linux,initrd-start", f->initrd_start));
        must(fdt_property_u64(t, "linux,initrd-end", f->initrd_end));
    }
    for (unsigned i = 0; i < sizeof(rng); i += 8)
        put_le(rng + i, rand_step(&s), 8);
    must(fdt_property(t, "rng-seed", rng, sizeof(rng)));
    end(t);
}

/* Puts the hart's extensions in the binding's old form (one string) and in its
 * new form (base and list); each guest knows at least one. */
static void isa(void *t, u64 exts)
{
    char buf[ISA_TEXT];
    size_t n = 0;
    isa_text(exts, buf);
    text(t, "riscv,isa", buf);
    text(t, "riscv,isa-base", "rv64i");
    for (unsigned i = 0; i < EXT_COUNT; i++) {
        const char *name = isa_exts[i].name;
        if (exts >> i & 1 && *name)
            n = append(buf, sizeof(buf) - 1, n, "%s", name) + 1;
    }
    texts(t, "riscv,isa-extensions", buf, n);
    if (exts & EXT_BIT(ZICBOM))
        cell(t, "riscv,cbom-block-size", CBO_BLOCK);
    if (exts & EXT_BIT(ZICBOP))
        cell(t, "riscv,cbop-block-size", CBO_BLOCK);
    if (exts & EXT_BIT(ZICBOZ))
        cell(t, "riscv,cboz-block-size", CBO_BLOCK);
}

static void cpus(void *t, const struct fdt_facts *f)
{
    must(fdt_begin_node(t, "cpus"));
    cell(t, "#address-cells", 1);
    cell(t, "#size-cells", 0);
    cell(t, "timebase-frequency", (u32)f->timebase_hz);
    must(fdt_begin_node(t, "cpu@0"));
    text(t, "device_type", "cpu");
    cell(t, "reg", 0);
    text(t, "status", "okay");
    text(t, "compatible", "riscv");
    isa(t, f->exts);
    text(t, "mmu-type", "riscv,sv39");
    must(fdt_begin_node(t, "interrupt-controller"));
    cell(t, "#address-cells", 0);
    cell(t, "#interrupt-cells", 1);
    must(fdt_property(t, "interrupt-controller", NULL, 0));
    text(t, "compatible", "riscv,cpu-intc");
    cell(t, "phandle", PHANDLE_CPU);
    end(t);
    end(t);
    end(t);
}

static void memory(void *t, const struct fdt_facts *f)
{
    begin(t, "memory", f->ram_base);
    text(t, "device_type", "memory");
    reg(t, f->ram_base, f->ram_bytes);
    if (f->alone_end > f->alone_start)
        pair(t, "clockhand,zeros-but-for", f->alone_start, f->alone_end);
    end(t);
    must(fdt_begin_node(t, "reserved-memory"));
    cell(t, "#address-cells", 2);
    cell(t, "#size-cells", 2);
    must(fdt_property(t, "ranges", NULL, 0));
    if (f->firmware_bytes) {
        begin(t, "firmware", f->firmware_base);
        reg(t, f->firmware_base, f->firmware_bytes);
        must(fdt_property(t, "no-map", NULL, 0));
        end(t);
    }
    end(t);
}

static void interrupt_controllers(void *t)
{
    static const char plic[] = "sifive,plic-1.0.0\0riscv,plic0";
    static const char clint[] = "sifive,clint0\0riscv,clint0";
    const struct device_row *d = &device_map[DEV_PLIC];
    begin(t, d->name, d->base);
    reg(t, d->base, d->bytes);
    texts(t, "compatible", plic, sizeof(plic));
    must(fdt_property(t, "interrupt-controller", NULL, 0));
    cell(t, "#interrupt-cells", 1);
    cell(t, "#address-cells", 0);
    cell(t, "riscv,ndev", PLIC_SOURCES - 1);
    extended(t, IRQ_MEIP, IRQ_SEIP);
    cell(t, "phandle", PHANDLE_PLIC);
    end(t);
    begin_device(t, DEV_CLINT);
    texts(t, "compatible", clint, sizeof(clint));
    extended(t, IRQ_MSIP, IRQ_MTIP);
    end(t);
}

static void devices(void *t, const struct fdt_facts *f)
{
    static const char test[] = "sifive,test1\0sifive,test0\0syscon";
    interrupt_controllers(t);
    begin_device(t, DEV_FINISHER);
    texts(t, "compatible", test, sizeof(test));
    cell(t, "phandle", PHANDLE_TEST);
    end(t);
    begin_device(t, DEV_RTC);
    text(t, "compatible", "google,goldfish-rtc");
    end(t);
    begin_device(t, DEV_UART);
    text(t, "compatible", "ns16550a");
    cell(t, "clock-frequency", (u32)f->uart_clock_hz);
    end(t);
    for (int i = 0; i < DISK_SLOTS; i++) {
        begin_device(t, DEV_DISK0 + i);
        text(t, "compatible", "virtio,mmio");
        end(t);
    }
    begin_device(t, DEV_LENS);
    text(t, "compatible", LENS_COMPATIBLE);
    end(t);
}

/* Puts a node that says how to switch the machine off or reset it: by writing
 * `value` to the finisher (SiFive's test device). */
static void syscon(void *t, const char *name, u32 value)
{
    char compatible[32];
    snprintf(compatible, sizeof(compatible), "syscon-%s", name);
    must(fdt_begin_node(t, name));
    text(t, "compatible", compatible);
    cell(t, "value", value);
    cell(t, "offset", 0);
    cell(t, "regmap", PHANDLE_TEST);
    end(t);
}

void *fdt_make(const struct fdt_facts *f, size_t *bytes)
{
    size_t room = TREE_BYTES + (f->bootargs ? strlen(f->bootargs) : 0);
    void *t = xcalloc(1, room);
    must(fdt_create(t, (int)room));
    must(fdt_finish_reservemap(t));
    must(fdt_begin_node(t, ""));
    cell(t, "#address-cells", 2);
    cell(t, "#size-cells", 2);
    text(t, "compatible", "riscv-virtio");
    text(t, "model", "riscv-virtio,qemu");
    chosen(t, f);
    memory(t, f);
    cpus(t, f);
    syscon(t, "poweroff", 0x5555);
    syscon(t, "reboot", 0x7777);
    must(fdt_begin_node(t, "soc"));
    cell(t, "#address-cells", 2);
    cell(t, "#size-cells", 2);
    text(t, "compatible", "simple-bus");
    must(fdt_property(t, "ranges", NULL, 0));
    devices(t, f);
    end(t);
    end(t);
    must(fdt_finish(t));
    *bytes = fdt_totalsize(t);
    return t;
}

void *fdt_amend(const void *tree, size_t n, const struct fdt_facts *f,
                size_t *bytes, const char **why)
{
    *why = "not a flattened device tree";
    if (n < sizeof(struct fdt_header) || fdt_check_full(tree, n))
        return NULL;
    size_t room =
        fdt_totalsize(tree) + 1024 + (f->bootargs ? strlen(f->bootargs) : 0);
    void *t = xcalloc(1, room);
    int err = fdt_open_into(tree, t, (int)room);
    int node = err ? err : fdt_path_offset(t, "/chosen");
    if (node == -FDT_ERR_NOTFOUND)
        node = fdt_add_subnode(t, 0, "chosen");
    err = node < 0 ? node : 0;
    if (!err && f->bootargs && *f->bootargs)
        err = fdt_setprop_string(t, node, "bootargs", f->bootargs);
    if (!err && f->initrd_end > f->initrd_start) {
        err = fdt_setprop_u64(t, node, "linux,initrd-start", f->initrd_start);
        err = err ? err
                  : fdt_setprop_u64(t, node, "linux,initrd-end", f->initrd_end);
    }
    if (err) {
        *why = fdt_strerror(err);
        free(t);
        return NULL;
    }
    fdt_pack(t);
    *bytes = fdt_totalsize(t);
    return t;
}

void *fdt_leave_room(void *tree, size_t *bytes)
{
    size_t n = (*bytes + TREE_ROOM + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
    void *t = xcalloc(1, n);
    must(fdt_open_into(tree, t, (int)n));
    free(tree);
    *bytes = n;
    return t;
}
