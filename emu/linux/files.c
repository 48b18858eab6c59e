/* SPDX-License-Identifier: MIT */
/* Finds names of files in the kernel's cache of directory entries (dentries),
 * and the names of the caches (kmem_cache) to which slabs belong. */
#include "linux/internal.h"

#include <stdio.h>

#define DEEPEST 64 /* names in a path */

/* ---- the inode of a mapping --------------------------------------------- */

u64 lx_mapping_host(struct linux_kernel *k, u64 mapping)
{
    u64 host, back;
    bool leads_back = lx_follow(k, mapping, F_MAPPING_HOST, &host) &&
                      lx_follow(k, host, F_INODE_MAPPING, &back) &&
                      back == mapping;
    return leads_back ? host : 0;
}

bool lx_mapping_inode(struct linux_kernel *k, u64 mapping, u64 *number)
{
    struct lx_mapping *m = &k->mapping[mapping / 64 % MAPPINGS];
    if (m->mapping != mapping || !mapping) {
        u64 host = lx_mapping_host(k, mapping);
        if (!host || !lx_get(k, host, F_INODE_NUMBER, number))
            return false;
        *m = (struct lx_mapping){mapping, *number};
    }
    *number = m->inode;
    return true;
}

/* ---- paths -------------------------------------------------------------- */

/* Puts s before the text that begins at *at. */
static bool before(char *buf, size_t *at, const char *s)
{
    size_t n = strlen(s);
    if (n > *at)
        return false;
    memcpy(buf + (*at -= n), s, n);
    return true;
}

/* Call for a dentry that is its own parent. True: it is a pipe's, or that of
 * shared memory without a file. False: it is a file system's root. */
static bool is_nowhere(struct linux_kernel *k, u64 dentry)
{
    u64 sb, root;
    return lx_follow(k, dentry, F_DENTRY_SB, &sb) &&
           lx_follow(k, sb, F_SB_ROOT, &root) && root != dentry;
}

/* Puts the file system's name before the path, unless it is /'s file system. */
static bool prefix(struct linux_kernel *k, u64 dentry, char *buf, size_t *at)
{
    char id[32];
    u64 sb;
    if (!lx_follow(k, dentry, F_DENTRY_SB, &sb))
        return false;
    if (sb == k->root_sb)
        return true;
    return lx_string(k, lx_at(k, sb, F_SB_ID), id, sizeof id) &&
           before(buf, at, ":") && before(buf, at, id);
}

bool lx_dentry_path(struct linux_kernel *k, u64 dentry, char *buf, size_t n)
{
    char back[512], name[256];
    size_t at = sizeof back;
    u64 parent, text, hashed;
    bool nowhere = false;
    back[--at] = 0;
    for (unsigned deep = 0;; deep++, dentry = parent) {
        if (deep == DEEPEST || !lx_follow(k, dentry, F_DENTRY_PARENT, &parent))
            return false;
        nowhere = parent == dentry && !deep && is_nowhere(k, dentry);
        if (parent == dentry && !nowhere)
            break;
        lx_get(k, dentry, F_DENTRY_HASHED, &hashed);
        if ((!deep && (nowhere || !hashed) &&
             !before(back, &at, " (deleted)")) ||
            !lx_get(k, dentry, F_DENTRY_NAME, &text) ||
            !lx_string(k, text, name, sizeof name) ||
            !before(back, &at, name) || !before(back, &at, "/"))
            return false;
        if (nowhere)
            break;
    }
    if (!back[at] && !before(back, &at, "/"))
        return false;
    if ((!nowhere && !prefix(k, dentry, back, &at)) || sizeof back - at > n)
        return false;
    memcpy(buf, back + at, sizeof back - at);
    return true;
}

/* Names the block device whose inode this is. The pages of such an inode are
 * blocks of the disk, e.g. of directories, bitmaps and inodes. False: it is
 * another inode. */
static bool device(struct linux_kernel *k, u64 inode, char *buf, size_t n)
{
    char type[16];
    u64 sb, fs, name, dev;
    if (!lx_follow(k, inode, F_INODE_SB, &sb) ||
        !lx_follow(k, sb, F_SB_TYPE, &fs) ||
        !lx_get(k, fs, F_TYPE_NAME, &name) ||
        !lx_string(k, name, type, sizeof type) || strcmp(type, "bdev") ||
        !lx_get(k, inode, F_INODE_DEVICE, &dev))
        return false;
    snprintf(buf, n, "block device %u:%u", (unsigned)(dev >> 20 & 0xfff),
             (unsigned)(dev & 0xfffff));
    return true;
}

bool lx_inode_path(struct linux_kernel *k, u64 inode, char *buf, size_t n)
{
    u64 alias, back, member = k->layout.field[F_DENTRY_ALIAS].at;
    if (device(k, inode, buf, n))
        return true;
    return lx_follow(k, inode, F_INODE_DENTRIES, &alias) &&
           lx_follow(k, alias - member, F_DENTRY_INODE, &back) &&
           back == inode && lx_dentry_path(k, alias - member, buf, n);
}

bool linux_frame_name(struct linux_kernel *k, u64 pfn, char *buf, size_t n)
{
    const struct lens_proc *rows;
    struct linux_frame f;
    u64 cache, name;
    *buf = 0;
    if (!linux_frame(k, pfn, &f))
        return false;
    linux_tasks(k, &rows); /* finds the root of paths */
    if (f.kind == LINUX_SLAB)
        return lx_follow(k, f.folio, F_SLAB_CACHE, &cache) &&
               lx_get(k, cache, F_CACHE_NAME, &name) &&
               lx_string(k, name, buf, n);
    u64 host = f.mapping ? lx_mapping_host(k, f.mapping) : 0;
    return host && lx_inode_path(k, host, buf, n);
}
