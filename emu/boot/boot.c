/* SPDX-License-Identifier: MIT */
/* Lays memory out as QEMU's virt board does at boot. The firmware is at the
 * start of RAM. An ELF kernel is at its segments' physical addresses, a flat
 * kernel where its header says, else 2 MiB into RAM. Initrd and tree are at the
 * end. QEMU rounds the tree's address down to 2 MiB, and OpenSBI enlarges the
 * tree in place. So with --bios FILE the tree is at such an address, with room
 * after it; otherwise it is at the start of a page, which saves memory. */
#include "boot/boot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/whole.h"
#include "boot/fdt.h"
#include "boot/tables.h"
#include "isa/isa.h"

#define FW_DYNAMIC_MAGIC   0x4942534full /* "OSBI" */
#define FW_DYNAMIC_VERSION 2
#define PRV_S_MODE         1
#define FOREIGN_TREE_BYTES (2ul << 20) /* the tree and the room after it */

struct layout {
    const struct boot_input *in;
    struct boot_range kernel, firmware, initrd;
    u64 firmware_entry, kernel_entry;
    u64 tree; /* the device tree's address if fixed already, else 0 */
    u64 top;  /* RAM from here on is allocated */
};

static bool overlap(struct boot_range a, struct boot_range b)
{
    return a.start < b.end && b.start < a.end;
}

static u64 load_elf(const struct boot_input *in, const char *file,
                    struct boot_range *range)
{
    u64 entry;
    const char *why = elf_load(file, &in->ram, &entry, range);
    if (why)
        die(file, "%s", why);
    if (entry % 4 && !(in->exts & EXT_BIT(C)))
        die(file, "its entry point is no multiple of 4, and --isa has no c");
    return entry;
}

/* Allocates n bytes at the end of the RAM that is left, page aligned. */
static u64 take_top(struct layout *l, const char *what, size_t n)
{
    const struct boot_ram *ram = &l->in->ram;
    if (n > l->top - ram->base)
        die(what, "does not fit into %lluM of RAM", ram->bytes >> 20);
    l->top = (l->top - n) & ~(PAGE_BYTES - 1);
    struct boot_range r = {l->top, l->top + n};
    if (l->top < ram->base || overlap(r, l->kernel) || overlap(r, l->firmware))
        die(what, "does not fit into %lluM of RAM beside the kernel",
            ram->bytes >> 20);
    return l->top;
}

static bool foreign_firmware(const struct config *c)
{
    return c->bios && strcmp(c->bios, "none");
}

static void load_firmware(struct layout *l)
{
    const struct boot_ram *ram = &l->in->ram;
    const char *bios = l->in->config->bios;
    if (bios && !strcmp(bios, "none"))
        return;
    if (!bios) {
        struct boot_blob b = boot_firmware();
        boot_place(ram, "firmware", ram->base, b.bytes, b.n);
        l->firmware =
            (struct boot_range){ram->base, ram->base + boot_firmware_bytes()};
        l->firmware_entry = ram->base;
        return;
    }
    if (boot_is_elf(bios)) {
        l->firmware_entry = load_elf(l->in, bios, &l->firmware);
        return;
    }
    size_t n;
    u8 *image = boot_read_file(bios, &n);
    boot_place(ram, bios, ram->base, image, n);
    l->firmware = (struct boot_range){ram->base, ram->base + n};
    l->firmware_entry = ram->base;
    free(image);
}

/* Loads the kernel. Returns its file's name if it is an ELF, else NULL. */
static const char *load_kernel(struct layout *l)
{
    const char *file = l->in->config->kernel;
    const char *symbols = NULL;
    if (!file)
        return NULL;
    if (boot_is_elf(file)) {
        l->kernel_entry = load_elf(l->in, file, &l->kernel);
        symbols = file;
    } else {
        size_t n;
        u8 *image = boot_read_file(file, &n);
        if (n == 0)
            die(file, "empty");
        l->kernel_entry =
            boot_flat_kernel(file, image, n, &l->in->ram, &l->kernel);
        free(image);
    }
    if (overlap(l->kernel, l->firmware))
        die(file, "overlaps the firmware at 0x%llx", l->firmware.start);
    return symbols;
}

static void load_initrd(struct layout *l)
{
    const char *file = l->in->config->initrd;
    size_t n;
    if (!file)
        return;
    u8 *image = boot_read_file(file, &n);
    u64 pa = take_top(l, file, n);
    boot_place(&l->in->ram, file, pa, image, n);
    l->initrd = (struct boot_range){pa, pa + n};
    free(image);
}

/* Writes the tree for --dump-dtb and exits, as QEMU's dumpdtb does. */
static _Noreturn void dump(const char *file, const void *tree, size_t n)
{
    struct whole w;
    if (!whole_open(&w, file) || (fwrite(tree, 1, n, w.f), !whole_close(&w)))
        die(file, "%s", strerror(errno));
    exit(0);
}

static void load_tree(struct layout *l, struct boot_result *out)
{
    const struct config *c = l->in->config;
    const char *why;
    size_t n;
    void *tree;
    struct fdt_facts f = {
        .ram_base = l->in->ram.base,
        .ram_bytes = l->in->ram.bytes,
        .exts = l->in->exts,
        .timebase_hz = l->in->timebase_hz,
        .firmware_base = l->firmware.start,
        .bootargs = l->in->append,
        .initrd_start = l->initrd.start,
        .initrd_end = l->initrd.end,
        .seed = c->seed,
        .uart_clock_hz = 3686400,
    };
    /* other firmware adds its own reserved range to the tree */
    if (!c->bios) {
        f.firmware_bytes = l->firmware.end - l->firmware.start;
        f.alone_start = l->kernel.start;
        f.alone_end = c->initrd ? f.alone_start : l->kernel.end;
    }
    if (c->dtb) {
        u8 *image = boot_read_file(c->dtb, &n);
        tree = fdt_amend(image, n, &f, &n, &why);
        if (!tree)
            die(c->dtb, "%s", why);
        free(image);
    } else {
        tree = fdt_make(&f, &n);
    }
    if (c->dump_dtb)
        dump(c->dump_dtb, tree, n);
    tree = fdt_leave_room(tree, &n);
    if (l->tree && n > FOREIGN_TREE_BYTES)
        die(c->dtb ? c->dtb : "device tree", "larger than %luM",
            FOREIGN_TREE_BYTES >> 20);
    out->dtb_pa = l->tree ? l->tree : take_top(l, "device tree", n);
    out->dtb_bytes = n;
    boot_place(&l->in->ram, "device tree", out->dtb_pa, tree, n);
    free(tree);
}

/* Fills the ROM: reset.S, two doublewords (the jump target, the tree's
 * address), and OpenSBI's struct fw_dynamic_info (include/sbi/fw_dynamic.h). */
static void fill_rom(const struct layout *l, u8 *rom,
                     const struct boot_result *out)
{
    struct boot_blob b = boot_reset_rom();
    u64 start = l->firmware_entry ? l->firmware_entry : l->kernel_entry;
    u64 words[] = {start,
                   out->dtb_pa,
                   FW_DYNAMIC_MAGIC,
                   FW_DYNAMIC_VERSION,
                   l->kernel_entry,
                   PRV_S_MODE,
                   0,
                   0};
    memset(rom, 0, ROM_BYTES);
    assert(b.n % 8 == 0 && b.n + sizeof(words) <= ROM_BYTES);
    memcpy(rom, b.bytes, b.n);
    for (unsigned i = 0; i < ARRAY_LEN(words); i++)
        put_le(rom + b.n + i * 8, words[i], 8);
}

void boot_load(const struct boot_input *in, u8 *rom, struct boot_result *out)
{
    const struct config *c = in->config;
    struct layout l = {.in = in, .top = in->ram.base + in->ram.bytes};
    *out = (struct boot_result){.pc = ROM_BASE};
    if (c->elf) {
        /* A bare-metal program starts in M-mode at its entry point, with the
         * tree's address in a1. */
        out->pc = l.kernel_entry = load_elf(in, c->elf, &l.kernel);
        out->symbols_file = c->elf;
        load_tree(&l, out);
        out->a1 = out->dtb_pa;
        fill_rom(&l, rom, out);
        return;
    }
    load_firmware(&l);
    out->symbols_file = load_kernel(&l);
    if (out->symbols_file)
        out->tunables = boot_tunables_apply(c, out->symbols_file, &in->ram);
    else if (c->nsets)
        die("--set", "only an ELF kernel has tunables");
    if (!l.kernel_entry && !l.firmware_entry)
        die("--bios none", "needs a kernel");
    if (foreign_firmware(c)) {
        u64 over = l.top & (FOREIGN_TREE_BYTES - 1);
        l.tree = take_top(&l, "device tree", FOREIGN_TREE_BYTES + over);
    }
    load_initrd(&l);
    load_tree(&l, out);
    fill_rom(&l, rom, out);
}
