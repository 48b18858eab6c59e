/* SPDX-License-Identifier: MIT */
/* Finds the names of files. The kernel's frame table has a file's inode number;
 * only the directories have its name. Directories are read from the root on,
 * each page from the page cache if it is there (the newest copy), else from the
 * disk. Names are given only if exactly one disk, the first, has an ext2 file
 * system. The guest may have written anything: every number is checked, and no
 * directory is read twice. Under Linux, linux/files.c finds the names. */
#include "inspect/frames.h"
#include "inspect/memory/ext2.h"
#include "inspect/internal.h"

#include <stdlib.h>

#define ROOT        2       /* the inode of / */
#define INODES_MOST 1048576 /* larger file systems are not read */
#define PAGES_MOST  256     /* of a directory */
#define DEEPEST     64      /* names in a path */
#define DIRECTORY   2       /* a directory's file type in ext2's entries */
#define DIR_MODE    4       /* a directory's type in an inode's mode */

struct cached { /* a page of a file, and the frame that holds it */
    u64 object, index, pfn;
};

struct name {
    u32 parent, at; /* parent 0: not known; at: the name's place in `text` */
    u8 n;
};

struct ins_paths {
    struct machine *m;
    u64 cycle, instret; /* at which the names were read */
    bool read;
    struct ext2 fs;
    struct cached *page;
    u64 npages;
    struct name *name; /* by inode */
    char *text;
    size_t ntext, room;
    u32 *todo; /* directories, in the order in which they were met */
    u64 ntodo;
};

/* ---- the page cache ----------------------------------------------------- */

static int by_object(const void *a, const void *b)
{
    const struct cached *x = a, *y = b;
    if (x->object != y->object)
        return x->object < y->object ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

/* Lists the pages in the page cache, but not clean pages under I/O, which may
 * have no content yet. */
static void find_cached_pages(struct ins_paths *p)
{
    struct lens_frame f;
    u64 n = ins_nframes(p->m);
    p->page = xcalloc(n + 1, sizeof *p->page);
    for (u64 pfn = 0; pfn < n; pfn++)
        if (ins_kernel_frame(p->m, pfn, &f) && f.object &&
            (f.state == FS_FILE_DIRTY ||
             (f.state == FS_FILE_CLEAN && !(f.flags & FRAME_F_IO))))
            p->page[p->npages++] = (struct cached){f.object, f.index, pfn};
    qsort(p->page, p->npages, sizeof *p->page, by_object);
}

/* Reads one page of a directory; false: there is none, or it is unreadable. */
static bool read_page(struct ins_paths *p, u32 dir, const u8 inode[128],
                      u64 index, u8 to[PAGE_BYTES])
{
    struct cached key = {dir, index, 0};
    const struct cached *c =
        bsearch(&key, p->page, p->npages, sizeof key, by_object);
    u64 b, per = PAGE_BYTES / p->fs.block;
    if (c)
        return machine_peek(p->m, RAM_BASE + (c->pfn << PAGE_SHIFT), to,
                            PAGE_BYTES);
    if (!inode || index * PAGE_BYTES >= get_le(inode + 4, 4))
        return false;
    memset(to, 0, PAGE_BYTES);
    for (u64 i = 0; i < per; i++)
        if ((b = ext2_block(&p->fs, inode, index * per + i)) &&
            !ext2_bytes(&p->fs, b * p->fs.block, to + i * p->fs.block,
                        p->fs.block))
            return false;
    return true;
}

/* ---- directories -------------------------------------------------------- */

static bool name_is_sound(const u8 *s, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (s[i] < ' ' || s[i] == 0x7f || s[i] == '/')
            return false;
    return n > 2 || (n && s[0] != '.') || (n == 2 && s[1] != '.');
}

static bool is_directory(struct ins_paths *p, u64 inode, u8 sort)
{
    u8 raw[128];
    if (sort)
        return sort == DIRECTORY;
    return ext2_inode(&p->fs, inode, raw) && get_le(raw, 2) >> 12 == DIR_MODE;
}

/* An inode gets the first name that is found for it. */
static void read_entry(struct ins_paths *p, u32 dir, const u8 *e)
{
    u64 inode = get_le(e, 4), n = e[6];
    if (inode <= ROOT || inode > p->fs.inodes || p->name[inode].parent ||
        !name_is_sound(e + 8, (unsigned)n))
        return;
    if (p->ntext + n > p->room)
        p->text = xrealloc(p->text, p->room = 2 * (p->room + 256));
    p->name[inode] = (struct name){dir, (u32)p->ntext, (u8)n};
    memcpy(p->text + p->ntext, e + 8, n);
    p->ntext += n;
    if (is_directory(p, inode, e[7]))
        p->todo[p->ntodo++] = (u32)inode;
}

static void read_entries(struct ins_paths *p, u32 dir, const u8 *block)
{
    u64 size;
    for (u64 at = 0; at + 12 <= p->fs.block; at += size) {
        size = get_le(block + at + 4, 2);
        if (size < 8u + block[at + 6] || size % 4 || size > p->fs.block - at)
            return;
        read_entry(p, dir, block + at);
    }
}

/* True if the page begins with "." and "..", as a directory does. */
static bool begins_as(const u8 *page, u32 dir, u32 above)
{
    return get_le(page, 4) == dir && page[6] == 1 && page[8] == '.' &&
           get_le(page + 4, 2) == 12 && get_le(page + 12, 4) == above &&
           page[18] == 2 && page[20] == '.' && page[21] == '.';
}

static void read_directory(struct ins_paths *p, u32 dir)
{
    u8 page[PAGE_BYTES], raw[128];
    u32 above = dir == ROOT ? ROOT : p->name[dir].parent;
    bool stored =
        ext2_inode(&p->fs, dir, raw) && get_le(raw, 2) >> 12 == DIR_MODE;
    for (u64 i = 0; i < PAGES_MOST; i++) {
        if (!read_page(p, dir, stored ? raw : NULL, i, page) ||
            (!i && !begins_as(page, dir, above)))
            return;
        for (u64 at = 0; at < PAGE_BYTES; at += p->fs.block)
            read_entries(p, dir, page + at);
    }
}

/* ---- the table ---------------------------------------------------------- */

static void forget_names(struct ins_paths *p)
{
    free_all(p->page, p->name, p->text, p->todo);
    *p = (struct ins_paths){.m = p->m};
}

static void read_all(struct ins_paths *p)
{
    struct ext2 other;
    forget_names(p);
    p->read = true;
    p->cycle = machine_now(p->m);
    p->instret = p->m->hart.instret;
    if (!ins_lens(p->m) || !ext2_open(&p->fs, p->m, 0) ||
        p->fs.block > PAGE_BYTES || p->fs.inodes > INODES_MOST)
        return;
    for (unsigned disk = 1; disk < p->m->config->ndrives; disk++)
        if (ext2_open(&other, p->m, disk))
            return; /* an inode number alone does not tell the disk */
    find_cached_pages(p);
    p->name = xcalloc(p->fs.inodes + 1, sizeof *p->name);
    p->todo = xcalloc(p->fs.inodes + 1, sizeof *p->todo);
    p->todo[p->ntodo++] = ROOT;
    for (u64 i = 0; i < p->ntodo; i++)
        read_directory(p, p->todo[i]);
}

struct ins_paths *inspect_paths_open(struct machine *m)
{
    struct ins_paths *p = xcalloc(1, sizeof *p);
    p->m = m;
    return p;
}

void inspect_paths_close(struct ins_paths *p)
{
    if (p)
        forget_names(p);
    free(p);
}

bool inspect_path(struct ins_paths *p, u64 pfn, u8 state, u64 inode, char *buf,
                  size_t n)
{
    char back[1024];
    size_t at = sizeof back;
    if (ins_linux(p->m))
        return inode && linux_frame_name(ins_linux(p->m), pfn, buf, n);
    if (!p->read || p->cycle != machine_now(p->m) ||
        p->instret != p->m->hart.instret)
        read_all(p);
    if ((state != FS_FILE_CLEAN && state != FS_FILE_DIRTY) || !p->name ||
        inode < ROOT || inode > p->fs.inodes)
        return false;
    back[--at] = 0;
    for (unsigned deep = 0; inode != ROOT; deep++) {
        const struct name *name = &p->name[inode];
        if (!name->parent || deep == DEEPEST || name->n + 1u > at)
            return false;
        memcpy(back + (at -= name->n), p->text + name->at, name->n);
        back[--at] = '/';
        inode = name->parent;
    }
    if (!back[at])
        back[--at] = '/';
    if (sizeof back - at > n)
        return false;
    memcpy(buf, back + at, sizeof back - at);
    return true;
}
