/* SPDX-License-Identifier: MIT */
/* Directories of ext2: chains of entries that fill each block exactly.
 *
 *   | inode | rec_len | name_len, type | name... | next entry ... |
 *
 * inode 0 is an unused entry. A directory's pages are in the page cache like
 * a file's. */
#include "fs/ext2.h"

#include "fs/dcache.h"
#include "vm/page.h"

/* The entry at byte `off` of block data; NULL if it cannot be one. */
static const struct ext2_dirent *entry_at(struct super *sb, const u8 *data,
                                          u32 off)
{
    struct ext2 *fs = ext2_of(sb);
    u32 room = fs->block_size - off;
    const struct ext2_dirent *e = (const void *)(data + off);

    if (room < EXT2_DIRENT_MIN || e->rec_len < EXT2_DIRENT_MIN ||
        e->rec_len % 4 || e->rec_len > room || 8u + e->name_len > e->rec_len ||
        e->inode > fs->inodes)
        return NULL;
    return e;
}

/* Calls visit for each used entry from byte *pos on, until it returns true;
 * *pos is then that entry, otherwise the end. => may sleep between pages */
typedef bool (*visit_fn)(void *arg, const struct ext2_dirent *e, u64 pos);

static int scan_block(struct inode *dir, const u8 *data, u64 base, u64 *pos,
                      visit_fn visit, void *arg)
{
    u32 size = ext2_of(dir->sb)->block_size, off = 0;

    while (off < size) {
        const struct ext2_dirent *e = entry_at(dir->sb, data, off);
        if (!e)
            return ext2_corrupt(dir->sb, "a damaged directory", dir->ino);
        /* pos may point into the middle of what used to be an entry. */
        if (base + off >= *pos) {
            *pos = base + off;
            if (e->inode && e->name_len && visit(arg, e, base + off))
                return 1;
        }
        off += e->rec_len;
    }
    *pos = base + size;
    return 0;
}

/* 1: visit said stop, 0: all seen, -errno. */
static int scan(struct inode *dir, u64 *pos, visit_fn visit, void *arg)
{
    u32 size = ext2_of(dir->sb)->block_size;

    while (*pos < dir->obj.size) {
        bool major = false;
        int err = 0;
        u64 base = *pos - *pos % size;
        struct page *page = object_get_page(&dir->obj, base / PAGE_SIZE,
                                            ACTOR_SYSCALL, &major, &err);
        if (!page)
            return err;
        err = scan_block(dir, (u8 *)page_va(page) + base % PAGE_SIZE, base, pos,
                         visit, arg);
        page_put(page);
        if (err)
            return err;
    }
    return 0;
}

struct search {
    const char *name;
    size_t len;
    u32 ino;
};

static bool match(void *arg, const struct ext2_dirent *e, u64 pos)
{
    struct search *s = arg;

    (void)pos;
    if (e->name_len != s->len || memcmp(e->name, s->name, s->len) != 0)
        return false;
    s->ino = e->inode;
    return true;
}

int ext2_lookup(struct inode *dir, const char *name, size_t len,
                struct inode **out)
{
    struct search s = {.name = name, .len = len};
    u64 pos = 0;
    int found = scan(dir, &pos, match, &s);

    if (found < 0)
        return found;
    return found ? ext2_inode_get(dir->sb, s.ino, out) : -ENOENT;
}

struct listing {
    struct file *f;
    struct dir_sink *sink;
    bool filetype;
};

static bool list_entry_out(void *arg, const struct ext2_dirent *e, u64 pos)
{
    static const u16 modes[] = {0,       S_IFREG, S_IFDIR,  S_IFCHR,
                                S_IFBLK, S_IFIFO, S_IFSOCK, S_IFLNK};
    struct listing *l = arg;
    u32 mode = l->filetype && e->file_type < ARRAY_SIZE(modes)
                   ? modes[e->file_type]
                   : 0;

    return !l->sink->emit(l->sink, e->name, e->name_len, e->inode, mode,
                          pos + e->rec_len);
}

static int ext2_readdir(struct file *f, struct dir_sink *sink)
{
    struct listing l = {f, sink, ext2_of(f->inode->sb)->filetype};
    int err = scan(f->inode, &f->pos, list_entry_out, &l);

    return err < 0 ? err : 0;
}

static s64 dir_llseek(struct file *f, s64 off, int whence)
{
    if (whence != 0 || off < 0)
        return -EINVAL;
    f->pos = (u64)off;
    return off;
}

const struct file_ops ext2_dir_ops = {.readdir = ext2_readdir,
                                      .llseek = dir_llseek};
