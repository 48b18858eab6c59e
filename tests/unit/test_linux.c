// SPDX-License-Identifier: MIT
// rooms: base mmu boot linux
/* Tests emu/linux on a RAM of 1 MiB that linux_image.h makes: its answers about
 * each kind of frame, a process, numbers, and corrupt kernels. */
#include "unit.h"

#include "linux_objects.h"

static char why[200];

static struct linux_kernel *opened(const struct image *im)
{
    struct kernel_ram ram = image_ram(im);
    struct linux_kernel *k = linux_open(&ram, NULL, why, sizeof why);
    if (!k)
        print_error("%s\n", why);
    assert_non_null(k);
    assert_true(linux_moved(k));
    return k;
}

static void closed(struct linux_kernel **k)
{
    linux_close(*k);
}
#define OPEN(k, im)                                                            \
    struct linux_kernel *k __attribute__((cleanup(closed))) = opened(im)

static void refused(const struct image *im, const char *sentence)
{
    struct kernel_ram ram = image_ram(im);
    assert_null(linux_open(&ram, NULL, why, sizeof why));
    if (!strstr(why, sentence))
        fail_msg("said: %s", why);
}

static struct linux_frame frame(struct linux_kernel *k, u64 pfn)
{
    struct linux_frame f;
    assert_true(linux_frame(k, pfn, &f));
    return f;
}

static void state_is(struct linux_kernel *k, u64 pfn, u8 state, u8 kind)
{
    struct linux_frame f = frame(k, pfn);
    if (f.is.state != state || f.kind != kind)
        fail_msg("frame %llu: state %u kind %u", (unsigned long long)pfn,
                 f.is.state, f.kind);
}

/* ---- frames, names, a process, numbers ---------------------------------- */

TEST(test_frames)
{
    struct image *im = image_new();
    OPEN(k, im);
    assert_string_equal(linux_release(k), "6.12.1");
    for (u64 i = 0; i < 4; i++) {
        state_is(k, P_FREE + i, FS_FREE, LINUX_PLAIN);
        assert_int_equal(frame(k, P_FREE + i).is.order, i ? 0 : 3);
        state_is(k, P_STACK + i, FS_KDATA, LINUX_STACK);
        assert_int_equal(frame(k, P_STACK + i).is.owner, 1);
    }
    state_is(k, 0, FS_KCODE, LINUX_RESERVED);
    state_is(k, 50, FS_KDATA, LINUX_RESERVED);
    state_is(k, IMAGE_ROOT >> 12, FS_PGTABLE, LINUX_TABLE);
    state_is(k, 99, FS_ZEROED, LINUX_ZERO);
    state_is(k, P_SLAB, FS_KDATA, LINUX_SLAB);
    state_is(k, P_TABLE, FS_PGTABLE, LINUX_TABLE);
    state_is(k, P_ROOT, FS_PGTABLE, LINUX_TABLE);
    state_is(k, P_PCP, FS_FREE, LINUX_PCP);
    state_is(k, P_ANON, FS_ANON, LINUX_PLAIN);
    state_is(k, P_COW, FS_COW, LINUX_PLAIN);
    assert_int_equal(frame(k, P_COW).is.refs, 2);
    assert_int_equal(frame(k, P_COW).generation, 1);
    assert_int_equal(frame(k, P_COW).is.flags, FRAME_F_ACTIVE);
    assert_int_equal(frame(k, P_ANON).generation, 4);
    assert_int_equal(frame(k, P_ANON).is.flags, FRAME_F_INACTIVE);
    assert_int_equal(frame(k, P_SHMEM).generation, 0);
    state_is(k, P_SWAPCACHE, FS_SWAPCACHE, LINUX_PLAIN);
    assert_int_equal(frame(k, P_SWAPCACHE).slot, 5);
    state_is(k, P_CLEAN, FS_FILE_CLEAN, LINUX_PLAIN);
    state_is(k, P_DIRTY, FS_FILE_DIRTY, LINUX_PLAIN);
    state_is(k, P_SHMEM, FS_SHMEM, LINUX_PLAIN);
    state_is(k, P_TAIL, FS_FILE_CLEAN, LINUX_PLAIN);
    assert_int_equal(frame(k, P_TAIL).is.index, 9);
    assert_int_equal(frame(k, P_TAIL).is.object, 77);
    assert_int_equal(frame(k, P_HEAD).is.refs, 3);
    free(im);
}

TEST(test_flags)
{
    struct image *im = image_new();
    OPEN(k, im);
    char words[200];
    linux_flag_words(frame(k, P_TAIL).flags, words, sizeof words);
    assert_string_equal(words, "uptodate lru mmap compound_tail thp");
    linux_flag_words(frame(k, P_SWAPCACHE).flags, words, sizeof words);
    assert_string_equal(words, "uptodate lru mmap anon swapcache swapbacked");
    linux_flag_words(frame(k, P_FREE + 3).flags, words, sizeof words);
    assert_string_equal(words, "buddy");
    assert_int_equal(linux_flag("slab"), 1 << 7);
    free(im);
}

TEST(test_names)
{
    struct image *im = image_new();
    OPEN(k, im);
    char name[64];
    assert_true(linux_frame_name(k, P_DIRTY, name, sizeof name));
    assert_string_equal(name, "/dir/file");
    assert_true(linux_frame_name(k, P_SLAB, name, sizeof name));
    assert_string_equal(name, "dentry");
    assert_false(linux_frame_name(k, P_DIRTY, name, 5)); /* too long */
    assert_false(linux_frame_name(k, P_ANON, name, sizeof name));
    struct linux_frame f = frame(k, P_CLEAN);
    u64 inode = get_le(im->ram + f.mapping - IMAGE_VA, 8) - IMAGE_VA;
    u64 dentry =
        get_le(im->ram + inode + image_member[F_INODE_DENTRIES].at, 8) -
        IMAGE_VA - image_member[F_DENTRY_ALIAS].at;
    image_set(im, dentry, F_DENTRY_HASHED, 0);
    assert_true(linux_frame_name(k, P_DIRTY, name, sizeof name));
    assert_string_equal(name, "/dir/file (deleted)");
    image_point(im, dentry, F_DENTRY_PARENT, dentry); /* in no directory */
    assert_true(linux_frame_name(k, P_DIRTY, name, sizeof name));
    assert_string_equal(name, "/file (deleted)");
    free(im);
}

TEST(test_process)
{
    struct image *im = image_new();
    OPEN(k, im);
    const struct lens_proc *p;
    struct kernel_vma v[8];
    u32 tgid;
    assert_int_equal(linux_tasks(k, &p), 1);
    assert_int_equal(p->pid, 1);
    assert_string_equal(p->name, "init");
    assert_int_equal(p->rss, 10 + 11 + 13);
    assert_int_equal(p->state, PS_RUNNING);
    assert_int_equal(p->satp, (8ull << 60 | (IMAGE_BASE >> 12)) + P_ROOT);
    assert_int_equal(linux_current(k, &tgid), 1);
    assert_int_equal(linux_vmas(k, p->vmas, v, 8), 2);
    assert_int_equal(v[0].is.start, 0x10000);
    assert_int_equal(v[0].is.offset, 0x3000);
    assert_int_equal(v[0].is.flags, VMA_R | VMA_X | VMA_FILE);
    assert_string_equal(v[0].name, "/dir/file");
    assert_int_equal(v[1].is.flags, VMA_R | VMA_W | VMA_STACK);
    assert_int_equal(linux_vmas(k, p->vmas, v, 1), 1);
    free(im);
}

TEST(test_numbers)
{
    struct image *im = image_new();
    OPEN(k, im);
    struct linux_level l;
    u64 v, total, used;
    bool known;
    assert_true(linux_counter(k, "pgpgin", &v));
    assert_int_equal(v, 500); /* half: the kernel counts sectors */
    assert_true(linux_counter(k, "pgfault", &v));
    assert_int_equal(v, 1002);
    assert_true(linux_counter(k, "numa_hit", &v));
    assert_int_equal(v, 42); /* 40, and 2 of the zone, not summed up yet */
    assert_true(linux_counter(k, "nr_active_anon", &v));
    assert_int_equal(v, 8);
    assert_string_equal(linux_counter_nth(k, 3, &v, &known),
                        "nr_dirty_threshold");
    assert_false(known);
    assert_null(linux_counter_nth(k, 7, &v, &known));
    assert_true(linux_levels(k, &l));
    assert_int_equal(l.min, 20);
    assert_int_equal(l.high, 22);
    struct linux_area a[LINUX_SWAP_AREAS];
    u8 map[101];
    assert_int_equal(linux_areas(k, a), 1);
    assert_int_equal(a[0].number, 1);
    assert_int_equal(a[0].pages, 101);
    assert_true(linux_area_read(k, &a[0], 0, map, 101));
    assert_int_equal(map[5], 1 | N_SWAP_CACHED);
    assert_false(linux_area_read(k, &a[0], 1, map, 101));
    assert_true(linux_swap(k, &total, &used));
    assert_int_equal(used, 30);
    free(im);
}

TEST(test_slots)
{
    assert_int_equal(linux_pte_slot(3ull << 12), 3);
    assert_int_equal(linux_pte_slot(3ull << 12 | 1 << 7), 1 << 24 | 3);
    assert_int_equal(linux_pte_slot(3ull << 12 | 1 << 6), 3); /* exclusive */
    assert_int_equal(linux_pte_slot(3ull << 12 | 1), LINUX_NO_SLOT);
    assert_int_equal(linux_pte_slot(3ull << 12 | 1 << 5), LINUX_NO_SLOT);
    assert_int_equal(linux_pte_slot(3ull << 12 | 30 << 7), LINUX_NO_SLOT);
}

TEST(test_symbol_file)
{
    struct image *im = image_new();
    struct kernel_ram ram = image_ram(im);
    char name[] = "/tmp/linux_mapXXXXXX";
    FILE *f = fdopen(mkstemp(name), "w");
    assert_non_null(f);
    for (unsigned i = 0; i < ARRAY_LEN(image_addresses); i++)
        fprintf(f, "%016llx T %s\n",
                (unsigned long long)image_va(image_symbol[i]),
                image_addresses[i]);
    fclose(f);
    struct linux_kernel *k = linux_open(&ram, name, why, sizeof why);
    assert_non_null(k);
    linux_close(k);
    f = fopen(name, "w");
    fprintf(f, "%016llx T _stext\n", IMAGE_VA + 64);
    fclose(f);
    assert_null(linux_open(&ram, name, why, sizeof why));
    assert_non_null(strstr(why, "another kernel"));
    unlink(name);
    free(im);
}

/* ---- corrupt kernels ---------------------------------------------------- */

TEST(test_flag_beyond_a_word)
{
    struct image *im = image_new();
    for (u64 at = im->btf; at < im->btf_end - 8; at += 4)
        if (get_le(im->ram + at, 4) == 50) /* PG_head */
            put_le(im->ram + at, 71, 4);
    refused(im, "no usable");
    free(im);
}

/* Members are read into u64s on our stack, which wider ones would overflow. */
TEST(test_member_wider_than_a_number)
{
    struct image *im = image_new();
    u8 *raw = malloc(im->btf_end - im->btf);
    memcpy(raw, im->ram + im->btf, im->btf_end - im->btf);
    struct btf *b = btf_open(raw, im->btf_end - im->btf);
    assert_non_null(b);
    u32 page = b->at[btf_struct(b, "page", 0)];
    u32 flags = (u32)get_le(raw + page + 12 + 4, 4); /* its type: char[8] */
    put_le(im->ram + im->btf + b->at[flags] + 12 + 8, 64, 4);
    refused(im, "page.flags");
    btf_close(b);
    free(im);
}

static void replace(struct image *im, u64 from, u64 to, const char *is,
                    const char *becomes)
{
    for (u64 at = from; at + strlen(is) <= to; at++)
        if (!memcmp(im->ram + at, is, strlen(is))) {
            memcpy(im->ram + at, becomes, strlen(becomes));
            return;
        }
    fail_msg("no %s", is);
}

TEST(test_refused)
{
    struct image *im = image_new();
    replace(im, im->btf, im->btf_end, "_mapcount", "_mapcoins");
    refused(im, "page._mapcount");
    replace(im, im->btf, im->btf_end, "PGTY_slab", "PGTY_sled");
    replace(im, im->btf, im->btf_end, "_mapcoins", "_mapcount");
    refused(im, "PGTY_slab");
    im->ram[im->btf] = 0;
    refused(im, "BTF");
    image_put(im, IMAGE_ROOT + 0x1000, 0, 8);
    refused(im, "page table");
    replace(im, IMAGE_NOTE, IMAGE_NOTE + 4096, "6.12", "6.99");
    refused(im, "only 6.12");
    memset(im->ram + IMAGE_NOTE, 0, 4);
    refused(im, "yet");
    free(im);
}

TEST(test_gone)
{
    struct image *im = image_new();
    OPEN(k, im);
    im->ram[IMAGE_NOTE + 40] ^= 1;
    assert_false(linux_moved(k));
    free(im);
}

/* A member that ends after its struct would be read from the next struct. */
TEST(test_member_outside)
{
    struct image *im = image_new();
    struct lx_member m;
    u8 *raw = malloc(im->btf_end - im->btf);
    memcpy(raw, im->ram + im->btf, im->btf_end - im->btf);
    struct btf *b = btf_open(raw, im->btf_end - im->btf);
    assert_non_null(b);
    u32 type = btf_struct(b, "inode", 0);
    assert_true(btf_member(b, type, "i_ino", &m));
    put_le(b->data + b->at[type] + 8, m.at + m.size - 1, 4); /* its size */
    assert_false(btf_member(b, type, "i_ino", &m));
    btf_close(b);
    free(im);
}

TEST(test_self_references)
{
    struct image *im = image_new();
    OPEN(k, im);
    const struct lens_proc *p;
    struct kernel_vma v[8];
    char name[64];
    u64 page = PAGE_OF(P_PCP) + image_member[F_PAGE_PCP].at;
    u64 init = image_symbol[A_RUNQUEUES] + image_member[F_RQ_CURR].at;
    init = get_le(im->ram + init, 8) - IMAGE_VA;
    u64 tasks = init + image_member[F_TASK_TASKS].at;
    image_put(im, page, image_va(page), 8);   /* a list without an end */
    image_put(im, tasks, image_va(tasks), 8); /* an endless task list */
    linux_moved(k);
    state_is(k, P_PCP, FS_FREE, LINUX_PCP);
    assert_true(linux_tasks(k, &p) <= LINUX_TASKS);
    u64 mm = p->vmas;
    u64 root = mm - IMAGE_VA + image_member[F_MM_TREE].at;
    u64 node = get_le(im->ram + root, 8);
    /* A tree whose node is below itself. */
    image_put(im, root, (node & ~0x78ull) | 2 << 3, 8);
    for (unsigned i = 0; i < 16; i++)
        image_put(im,
                  (node & ~255ull) - IMAGE_VA + image_member[F_R64_SLOT].at +
                      8 * i,
                  (node & ~0x78ull) | 2 << 3, 8);
    linux_moved(k);
    assert_int_equal(linux_vmas(k, mm, v, 8), 0);
    /* A path that leads in a circle. */
    struct linux_frame f = frame(k, P_CLEAN);
    u64 inode = get_le(im->ram + f.mapping - IMAGE_VA, 8) - IMAGE_VA;
    u64 alias = get_le(im->ram + inode + image_member[F_INODE_DENTRIES].at, 8) -
                IMAGE_VA - image_member[F_DENTRY_ALIAS].at;
    u64 above = get_le(im->ram + alias + image_member[F_DENTRY_PARENT].at, 8) -
                IMAGE_VA;
    image_point(im, above, F_DENTRY_PARENT, alias);
    linux_moved(k);
    assert_false(linux_frame_name(k, P_CLEAN, name, sizeof name));
    /* A mapping whose inode names another mapping belongs to no file. */
    image_set(im, inode, F_INODE_MAPPING, f.mapping + 64);
    linux_moved(k);
    state_is(k, P_CLEAN, FS_KDATA, LINUX_ALLOCATED);
    free(im);
}
