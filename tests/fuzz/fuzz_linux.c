/* SPDX-License-Identifier: MIT */
// rooms: base mmu boot linux
// max_len: 512
/* Damages a small Linux (tests/unit/linux_image.h) before it is opened (notes,
 * symbols, types, page tables) and afterwards (struct pages, tasks, trees,
 * dentries), and calls its functions that have probes. The harness asks every
 * question; the reader may refuse or give another answer, but must end, and
 * stay within RAM. RAM is a block of its own: the sanitizer sees an access
 * beyond it.
 *
 * Input: the number of damages before the opening, then steps of eight bytes.
 * A step whose first byte is below CALL is a damage: kind (a byte, a word, a
 * pointer into RAM, eight bytes from elsewhere), place, value. Below RETURN it
 * is a call: function, stack, five arguments. Any other step is a return to a
 * place that made a call, with a result. */
#include "fuzz.h"

#include "../unit/linux_objects.h"

enum { CALL = 128, RETURN = 208, CALLERS = 4 };

static struct image *good_image;
static u8 *ram, *before;
static u64 last_task, events;

int LLVMFuzzerInitialize(UNUSED int *argc, UNUSED char ***argv)
{
    good_image = image_new();
    ram = xcalloc(1, IMAGE_BYTES);
    before = xcalloc(1, IMAGE_BYTES);
    fuzz_quiet();
    return 0;
}

static void damage(const u8 *d)
{
    u64 at = get_le(d + 1, 3) % (good_image->at - 8), arg = get_le(d + 4, 4);
    switch (d[0] % 4) {
    case 0:
        ram[at] = (u8)arg;
        break;
    case 1:
        put_le(ram + (at & ~7ull), (u64)(s64)(s32)arg, 8);
        break;
    case 2:
        put_le(ram + (at & ~7ull), image_va(arg % good_image->at), 8);
        break;
    case 3:
        memmove(ram + (at & ~7ull), ram + (arg % (good_image->at - 8) & ~7ull),
                8);
        break;
    }
}

/* ---- calls -------------------------------------------------------------- */

static void on_probe(UNUSED void *opaque, u64 va)
{
    assert(!(va & 1));
}

static void on_event(UNUSED void *opaque, const struct linux_event *e)
{
    u64 n = IMAGE_BYTES >> PAGE_SHIFT;
    assert(e->reason < R_COUNT && e->actor < ACTOR_COUNT);
    assert(e->pfn == LENS_NO_PFN || e->pfn < n);
    assert(e->pfn == LENS_NO_PFN || (e->from < FS_COUNT && e->to < FS_COUNT));
    assert(e->reason != R_KEPT || (e->source && e->source < LINUX_KEPTS));
    events++;
}

static u8 on_state(UNUSED void *opaque, u32 pfn)
{
    return (u8)(pfn % (FS_COUNT + 1));
}

/* Returns the address of a struct page or of another struct, or a number. */
static u64 argument(u8 b)
{
    const u64 other[] = {image_call.list,  image_call.batch, image_call.sc,
                         image_call.kiocb, image_call.vmf,   image_call.empty,
                         good_image->task, good_image->mm,   good_image->vma};
    u64 frames = P_OFFERED + OFFERED_EVERY * OFFERED;
    if (b < frames)
        return image_va(PAGE_OF(b));
    b -= (u8)frames;
    if (b < ARRAY_LEN(other))
        return image_va(other[b]);
    return b == 59 ? ~0ull : b == 58 ? 0x10000 : b - ARRAY_LEN(other);
}

static void call(struct linux_probes *p, const u8 *d)
{
    u64 x[32] = {0};
    bool back = d[0] >= RETURN;
    u64 caller = IMAGE_VA + 0x80 + 2 * (d[1] / LX_PROBES % CALLERS);
    x[1] = caller;
    x[2] = IMAGE_VA + 0x100 + 16 * (d[2] % 8);
    x[4] = last_task;
    for (unsigned i = 0; i < 5; i++)
        x[10 + i] = argument(d[3 + i]);
    x[15] = x[11];
    if (back && d[3] >= 250)
        x[10] = 0;
    linux_probes_visit(
        p, back ? caller : image_va(image_probe[d[1] % LX_PROBES]), x);
}

/* Makes the calls and damages from the i-th on, with probes attached, until
 * the kernel can no longer be read. */
static void calls(struct linux_kernel *k, const u8 *data, u64 i, size_t n)
{
    const struct linux_watcher w = {NULL, on_probe, on_event, on_state};
    struct linux_probes *p = linux_probes_new();
    char text[100];
    linux_probes_attach(p, k, &w);
    last_task = image_va(good_image->task);
    for (; 9 + i * 8 <= n; i++) {
        const u8 *d = data + 1 + i * 8;
        if (d[0] >= CALL)
            call(p, d);
        else
            damage(d);
        if (!linux_moved(k))
            break;
    }
    for (unsigned u = 0; linux_probes_untold(p, u, text, sizeof text); u++)
        assert(u <= LX_PROBES);
    linux_probes_free(p);
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
    static struct kernel_vma v[64];
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
    }
}

static void numbers(struct linux_kernel *k)
{
    struct linux_level l;
    u64 v;
    bool known;
    for (unsigned i = 0; linux_counter_nth(k, i, &v, &known); i++)
        assert(i < VMSTAT_MOST);
    linux_counter(k, "nr_free_pages", &v);
    linux_levels(k, &l);
    linux_swap(k, &v, &v);
    struct linux_area a[LINUX_SWAP_AREAS];
    u8 map[64];
    unsigned n = linux_areas(k, a);
    for (unsigned i = 0; i < n; i++)
        linux_area_read(k, &a[i], a[i].pages - 1, map, sizeof map);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t n)
{
    struct kernel_ram r = {ram, IMAGE_BASE, IMAGE_BYTES};
    char why[200];
    u64 first = n ? data[0] : 0, i = 0;
    memcpy(ram, good_image->ram, IMAGE_BYTES);
    for (; i < first && 9 + i * 8 <= n; i++)
        damage(data + 1 + i * 8);
    memcpy(before, ram, IMAGE_BYTES);
    struct linux_kernel *k = linux_open(&r, NULL, why, sizeof why);
    assert(k || *why);
    u64 then = i;
    for (; k && 9 + i * 8 <= n; i++)
        if (data[1 + i * 8] < CALL)
            damage(data + 1 + i * 8);
    if (k && linux_moved(k)) {
        frames(k);
        processes(k);
        numbers(k);
    }
    memcpy(ram, before, IMAGE_BYTES);
    if (k && linux_moved(k))
        calls(k, data, then, n);
    linux_close(k);
    return 0;
}
