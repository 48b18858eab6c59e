/* SPDX-License-Identifier: MIT */
// rooms: base mmu boot linux
// max_len: 512
/* A small Linux (tests/unit/linux_image.h) with damages: some before it is
 * opened - notes, symbols, types, page tables -, the others afterwards: struct
 * pages, tasks, trees, dentries. Everything is asked; it may be refused, or be
 * told as something else, but all of it ends within RAM. RAM is a block of its
 * own: a byte beyond it is seen.
 *
 * Input: how many damages come before, then eight bytes each: what (a byte, a
 * word, a pointer into RAM, eight bytes from elsewhere), where, how. */
#include "fuzz.h"

#include "../unit/linux_objects.h"

static struct image *sound;
static u8 *ram;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    sound = image_new();
    ram = xcalloc(1, IMAGE_BYTES);
    fuzz_quiet();
    return 0;
}

static void damage(const u8 *d)
{
    u64 at = get_le(d + 1, 3) % (sound->at - 8), arg = get_le(d + 4, 4);
    switch (d[0] % 4) {
    case 0:
        ram[at] = (u8)arg;
        break;
    case 1:
        put_le(ram + (at & ~7ull), (u64)(s64)(s32)arg, 8);
        break;
    case 2:
        put_le(ram + (at & ~7ull), image_va(arg % sound->at), 8);
        break;
    case 3:
        memmove(ram + (at & ~7ull), ram + (arg % (sound->at - 8) & ~7ull), 8);
        break;
    }
}

static void frames(struct linux_kernel *k)
{
    char text[300];
    u64 sum = 0, n = IMAGE_BYTES >> PAGE_SHIFT;
    linux_frames_read(k, 0, n + 1);
    for (u64 pfn = 0; pfn < n; pfn++) {
        const struct linux_frame *f = &linux_frames(k)[pfn];
        assert(f->is.state < FS_COUNT || f->is.state == 0xff);
        assert(f->kind < LINUX_KINDS && f->generation <= 4);
        sum += f->is.state < FS_COUNT;
        if (!linux_frame_name(k, pfn, text, 20))
            continue;
        assert(strlen(text) < 20);
    }
    for (unsigned i = 0; i < FS_COUNT; i++)
        sum -= linux_counts(k)[i];
    assert(!sum);
    linux_flag_words(linux_frames(k)[P_TAIL].flags, text, 12);
}

static void processes(struct linux_kernel *k)
{
    static struct linux_vma v[64];
    const struct lens_proc *p;
    u32 tgid;
    unsigned n = linux_tasks(k, &p);
    assert(n <= LINUX_TASKS);
    linux_current(k, &tgid);
    for (unsigned i = 0; i < n && i < 8; i++) {
        unsigned maps = linux_vmas(k, p[i].vmas, v, ARRAY_LEN(v));
        assert(maps <= ARRAY_LEN(v));
        for (unsigned m = 0; m < maps; m++)
            assert(v[m].is.start < v[m].is.end &&
                   (!m || v[m - 1].is.end <= v[m].is.start));
        linux_swapped(k, p[i].vmas);
    }
}

static void numbers(struct linux_kernel *k)
{
    struct linux_level l;
    u64 v, blocks[11];
    bool known;
    for (unsigned i = 0; linux_counter_nth(k, i, &v, &known); i++)
        assert(i < VMSTAT_MOST);
    linux_counter(k, "nr_free_pages", &v);
    linux_levels(k, &l);
    linux_free_blocks(k, blocks, ARRAY_LEN(blocks));
    linux_swap(k, &v, &v);
    struct linux_area a[LINUX_SWAP_AREAS];
    u8 map[64];
    unsigned n = linux_areas(k, a);
    for (unsigned i = 0; i < n; i++)
        linux_area_read(k, &a[i], a[i].pages - 1, map, sizeof map);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t n)
{
    struct linux_ram r = {ram, IMAGE_BASE, IMAGE_BYTES};
    char why[200];
    u64 first = n ? data[0] : 0, i = 0;
    memcpy(ram, sound->ram, IMAGE_BYTES);
    for (; i < first && 9 + i * 8 <= n; i++)
        damage(data + 1 + i * 8);
    struct linux_kernel *k = linux_open(&r, NULL, why, sizeof why);
    assert(k || *why);
    for (; k && 9 + i * 8 <= n; i++)
        damage(data + 1 + i * 8);
    if (k && linux_moved(k)) {
        frames(k);
        processes(k);
        numbers(k);
    }
    linux_close(k);
    return 0;
}
