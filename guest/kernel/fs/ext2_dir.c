/* SPDX-License-Identifier: MIT */
/* Directories of ext2 are chains of entries that fill each block exactly.
 *
 *   | inode | rec_len | name_len, type | name... | next entry ... |
 *
 * An entry with inode 0 is unused. A directory's pages are in the page cache
 * like a file's. */
#include "fs/ext2.h"

#include "fs/dcache.h"
#include "fs/file.h"
#include "vm/page.h"

/* Returns the entry at byte `off` of a block, or NULL if it is damaged. */
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

/* Returns true to end the scan at this entry. */
typedef bool (*visit_fn)(void *arg, const struct ext2_dirent *e, u64 pos);

static int scan_block(struct inode *dir, const u8 *data, u64 base, u64 *pos,
                      visit_fn visit, void *arg)
{
    u32 size = ext2_of(dir->sb)->block_size, off = 0;

    while (off < size) {
        const struct ext2_dirent *e = entry_at(dir->sb, data, off);
        if (!e)
            return ext2_corrupt(dir->sb, "a damaged directory", dir->ino);
        /* *pos may point into the middle of a former entry. */
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

/* Calls visit for each used entry from byte *pos on. 1: visit returned true,
 * *pos is that entry; 0: *pos is the end; -errno. => may sleep between pages */
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
        COUNT(DIRBLK);
        err = scan_block(dir, (u8 *)page_va(page) + base % PAGE_SIZE, base, pos,
                         visit, arg);
        page_put(page);
        if (err)
            return err;
    }
    return 0;
}

typedef bool (*accept_fn)(void *arg, const struct ext2_dirent *e);

/* Looks in one block for the first entry for which accept returns true. 1: sets
 * at->e; 0: no entry; -EIO. */
static int seek_block(struct inode *dir, u8 *data, struct ext2_place *at,
                      accept_fn accept, void *arg)
{
    u32 size = ext2_of(dir->sb)->block_size;

    for (u32 off = 0; off < size; off += at->e->rec_len) {
        at->e = (struct ext2_dirent *)entry_at(dir->sb, data, off);
        if (!at->e)
            return ext2_corrupt(dir->sb, "a damaged directory", dir->ino);
        if (accept(arg, at->e))
            return 1;
    }
    return 0;
}

/* Finds the first entry of dir for which accept returns true. 1: sets *at, and
 * its page is pinned; 0: no entry; -errno. */
static int seek(struct inode *dir, struct ext2_place *at, accept_fn accept,
                void *arg)
{
    u32 size = ext2_of(dir->sb)->block_size;
    int err = 0;

    for (u64 pos = 0; pos < dir->obj.size; pos += size) {
        at->page = object_get_page(&dir->obj, pos / PAGE_SIZE, ACTOR_SYSCALL,
                                   NULL, &err);
        if (!at->page)
            return err;
        COUNT(DIRBLK);
        u8 *data = (u8 *)page_va(at->page) + pos % PAGE_SIZE;
        err = seek_block(dir, data, at, accept, arg);
        if (err == 1)
            return 1;
        page_put(at->page);
        if (err)
            return err;
    }
    return 0;
}

struct search {
    const char *name;
    size_t len;
};

static bool match(void *arg, const struct ext2_dirent *e)
{
    const struct search *s = arg;

    return e->inode && e->name_len == s->len &&
           memcmp(e->name, s->name, s->len) == 0;
}

int ext2_dir_find(struct inode *dir, const char *name, size_t len, u32 *ino,
                  struct ext2_place *at)
{
    struct search s = {name, len};
    int found = seek(dir, at, match, &s);

    if (found != 1) {
        at->page = NULL;
        return found ? found : -ENOENT;
    }
    u32 wanted = *ino;
    *ino = at->e->inode;
    if (!wanted || wanted == *ino)
        return 0;
    ext2_dir_put(at); /* the name was removed and made again meanwhile */
    return -ENOENT;
}

void ext2_dir_put(struct ext2_place *at)
{
    if (at->page)
        page_put(at->page);
    at->page = NULL;
}

int ext2_lookup(struct inode *dir, const char *name, size_t len,
                struct inode **out)
{
    struct ext2_place at;
    u32 ino = 0;
    int err = ext2_dir_find(dir, name, len, &ino, &at);

    ext2_dir_put(&at);
    return err ? err : ext2_inode_get(dir->sb, ino, out);
}

/* ---- changing ---------------------------------------------------------- */

static u32 entry_size(size_t len)
{
    return (u32)ALIGN_UP(offsetof(struct ext2_dirent, name) + len, 4);
}

static u8 type_of(const struct inode *inode)
{
    static const u8 types[16] = {[S_IFREG >> 12] = 1, [S_IFDIR >> 12] = 2,
                                 [S_IFCHR >> 12] = 3, [S_IFBLK >> 12] = 4,
                                 [S_IFIFO >> 12] = 5, [S_IFSOCK >> 12] = 6,
                                 [S_IFLNK >> 12] = 7};

    return ext2_of(inode->sb)->filetype ? types[inode->mode >> 12] : 0;
}

static void fill_entry(struct ext2_dirent *e, const char *name, size_t len,
                       const struct inode *inode)
{
    e->inode = (u32)inode->ino;
    e->name_len = (u8)len;
    e->file_type = type_of(inode);
    memcpy(e->name, name, len);
}

/* Marks a changed page of the directory dirty, and its hash tree, if it has
 * one, invalid. */
static void dir_changed(struct inode *dir, struct page *page)
{
    object_page_dirty(page, R_FILE_WRITE);
    ext2_inode(dir)->flags &= ~(u32)EXT2_INDEX_FLAG;
    inode_touch(dir);
}

/* Returns how many bytes of e a new entry may take. */
static u32 slack(const struct ext2_dirent *e)
{
    return e->inode ? e->rec_len - entry_size(e->name_len) : e->rec_len;
}

static bool fits(void *arg, const struct ext2_dirent *e)
{
    return slack(e) >= *(const u32 *)arg;
}

/* Adds a block with one empty entry to the end of dir. */
static int dir_grow(struct inode *dir, struct ext2_place *at)
{
    u32 size = ext2_of(dir->sb)->block_size, block;
    u64 pos = dir->obj.size;
    int err = 0;

    if (pos + size > 1ul << 30)
        return -ENOSPC;
    /* The page is made before it has a block, so that it is zeroed and not
     * read. */
    at->page =
        object_get_page(&dir->obj, pos / PAGE_SIZE, ACTOR_SYSCALL, NULL, &err);
    if (!at->page)
        return err;
    err = ext2_block_make(dir, at->page, pos / size, pos + size, &block);
    if (err < 0) {
        ext2_dir_put(at);
        return err;
    }
    at->e = (void *)((u8 *)page_va(at->page) + pos % PAGE_SIZE);
    memset(at->e, 0, size);
    at->e->rec_len = (u16)size;
    dir->obj.size = pos + size;
    dir_changed(dir, at->page);
    return 0;
}

int ext2_dir_add(struct inode *dir, const char *name, size_t len,
                 struct inode *inode, struct ext2_place *at)
{
    u32 any = 0, need = entry_size(len);
    int err = ext2_dir_find(dir, name, len, &any, at);

    if (err != -ENOENT) {
        ext2_dir_put(at);
        return err ? err : -EEXIST;
    }
    err = seek(dir, at, fits, &need);
    if (err == 0)
        err = dir_grow(dir, at);
    if (err < 0) {
        at->page = NULL;
        return err;
    }
    struct ext2_dirent *e = at->e;
    if (e->inode) {
        u16 used = (u16)entry_size(e->name_len), rest = e->rec_len - used;
        e->rec_len = used;
        e = at->e = (void *)((u8 *)e + used);
        e->rec_len = rest;
    }
    fill_entry(e, name, len, inode);
    dir_changed(dir, at->page);
    return 0;
}

/* The space of an entry joins the entry before it in its block. */
void ext2_dir_remove(struct inode *dir, struct ext2_place *at)
{
    u64 size = ext2_of(dir->sb)->block_size;
    struct ext2_dirent *e = (void *)ALIGN_DOWN((u64)at->e, size);

    at->e->inode = 0;
    while (e != at->e) {
        struct ext2_dirent *next = (void *)((u8 *)e + e->rec_len);
        if (next == at->e)
            e->rec_len += at->e->rec_len;
        e = next;
    }
    dir_changed(dir, at->page);
}

void ext2_dir_set(struct inode *dir, struct ext2_place *at, struct inode *inode)
{
    at->e->inode = (u32)inode->ino;
    at->e->file_type = type_of(inode);
    dir_changed(dir, at->page);
}

static bool is_named(void *arg, const struct ext2_dirent *e)
{
    return e->inode &&
           !(e->name[0] == '.' &&
             (e->name_len == 1 || (e->name_len == 2 && e->name[1] == '.')));
}

int ext2_dir_is_empty(struct inode *dir)
{
    struct ext2_place at;
    int found = seek(dir, &at, is_named, NULL);

    if (found == 1)
        page_put(at.page);
    return found < 0 ? found : !found;
}

int ext2_dir_init(struct inode *dir, struct inode *parent)
{
    struct ext2_place at;
    int err = dir_grow(dir, &at);

    if (err)
        return err;
    u16 size = at.e->rec_len;
    fill_entry(at.e, ".", 1, dir);
    at.e->rec_len = EXT2_DIRENT_MIN;
    at.e = (void *)((u8 *)at.e + EXT2_DIRENT_MIN);
    fill_entry(at.e, "..", 2, parent);
    at.e->rec_len = size - EXT2_DIRENT_MIN;
    page_put(at.page);
    return 0;
}

/* ---- listing ----------------------------------------------------------- */

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
    int err = mutex_lock_killable(&f->inode->sb->names);
    if (err)
        return err;
    err = scan(f->inode, &f->pos, list_entry_out, &l);
    mutex_unlock(&f->inode->sb->names);

    return err < 0 ? err : 0;
}

const struct file_ops ext2_dir_ops = {.readdir = ext2_readdir,
                                      .llseek = pages_llseek};
