/* SPDX-License-Identifier: MIT */
/* Walks paths component by component, through symbolic links and mounted file
 * systems, never above the process's root. */
#include "fs/namei.h"

#include "fs/dcache.h"
#include "fs/fsctx.h"
#include "task/proc.h"
#include "drv/lens.h"

#define MAX_LINKS 40

struct dentry *vfs_root;

struct walk {
    struct dentry *at;   /* current directory of the walk: a reference */
    struct dentry *root; /* ".." does not leave it: a reference */
    char *text;          /* the path after following a link, or NULL */
    const char *rest;    /* still to walk */
    u32 links;           /* followed so far */
};

struct dentry *cross_mounts(struct dentry *d)
{
    while (d->mounted) {
        struct dentry *root = dentry_get(d->mounted->root);
        dentry_put(d);
        d = root;
    }
    return d;
}

/* True if inode is dir or an ancestor of it. A damaged disk may have such a
 * loop, and a walk down it would never end. */
static bool is_loop(struct dentry *dir, const struct inode *inode)
{
    if (!inode || !S_ISDIR(inode->mode))
        return false;
    while (dir->inode != inode && dir->parent != dir)
        dir = dir->parent;
    return dir->inode == inode;
}

int dentry_lookup(struct dentry *dir, const char *name, size_t len,
                  struct dentry **out)
{
    struct inode *inode = NULL;

    if ((*out = dentry_find(dir, name, len))) {
        COUNT(DNLC_HIT);
        return 0;
    }
    COUNT(DNLC_MISS);
    if (!dir->inode->nlink) /* removed: it is and stays empty */
        return -ENOENT;
    struct dentry *d = dentry_alloc(dir->sb, dir, name, len);
    if (!d)
        return -ENOMEM;
    bool mine = mutex_is_mine(&dir->sb->names); /* the caller may hold it */
    int err = mine ? 0 : mutex_lock_killable(&dir->sb->names);
    if (err) {
        dentry_put(d);
        return err;
    }
    err = -ENOENT;
    if (dir->inode->nlink) /* removed while we waited? */
        err = dir->inode->ops->lookup(dir->inode, name, len, &inode);
    if (is_loop(dir, inode)) {
        inode_put(inode);
        err = -ELOOP;
    }
    /* The lookup may have slept, and another task may have added the name. */
    *out = err && err != -ENOENT ? NULL : dentry_find(dir, name, len);
    if (!*out && dir->inode->nlink && (!err || err == -ENOENT)) {
        dentry_add(d, inode);
        *out = d;
        inode = NULL;
        d = NULL;
    }
    if (!mine)
        mutex_unlock(&dir->sb->names);
    inode_put(inode);
    dentry_put(d);
    return *out ? 0 : err;
}

/* Goes to ".." of w->at; from a mounted root, to the mount point's parent. */
static void go_up(struct walk *w)
{
    struct dentry *d = w->at;

    while (d != w->root && d->parent == d && d->sb->covers)
        d = d->sb->covers;
    if (d != w->root)
        d = d->parent;
    d = cross_mounts(dentry_get(d));
    dentry_put(w->at);
    w->at = d;
}

/* Replaces w->rest by the link's text followed by the old w->rest. */
static int follow_text(struct walk *w, struct dentry *link)
{
    struct inode *inode = link->inode;
    size_t max = MIN(inode->obj.size ? inode->obj.size : 255, PATH_MAX - 1ul);
    size_t tail = strlen(w->rest);
    char *text = kmalloc(max + tail + 2);

    if (!text)
        return -ENOMEM;
    int n = inode->ops->readlink(inode, text, max);
    if (n <= 0) {
        kfree(text);
        return n ? n : -ENOENT;
    }
    memcpy(text + n, w->rest, tail + 1);
    kfree(w->text);
    w->text = text;
    w->rest = text;
    if (text[0] == '/') {
        dentry_put(w->at);
        w->at = cross_mounts(dentry_get(w->root));
    }
    return 0;
}

static int follow_link(struct walk *w, struct dentry *link)
{
    struct inode *inode = link->inode;
    struct dentry *target;

    if (++w->links > MAX_LINKS)
        return -ELOOP;
    if (!inode->ops->follow)
        return follow_text(w, link);
    int err = inode->ops->follow(inode, &target);
    if (err)
        return err;
    dentry_put(w->at);
    w->at = target;
    return 0;
}

/* Takes the next component from w->rest; returns its length, 0 at the end of
 * the path. */
static size_t next_component(struct walk *w, const char **name)
{
    size_t len = 0;

    while (*w->rest == '/')
        w->rest++;
    *name = w->rest;
    while (w->rest[len] && w->rest[len] != '/')
        len++;
    w->rest += len;
    return len;
}

static bool only_slashes(const char *s)
{
    while (*s == '/')
        s++;
    return !*s;
}

static bool is_dots(const char *name, size_t len)
{
    return name[0] == '.' && (len == 1 || (len == 2 && name[1] == '.'));
}

static int may_search(struct walk *w)
{
    if (!S_ISDIR(w->at->inode->mode))
        return -ENOTDIR;
    return inode_access(w->at->inode, MAY_EXEC);
}

/* Descends one component; follows a symbolic link if follow is set. */
static int step(struct walk *w, const char *name, size_t len, bool follow)
{
    struct dentry *d;
    int err = dentry_lookup(w->at, name, len, &d);

    if (err)
        return err;
    if (!d->inode) {
        dentry_put(d);
        return -ENOENT;
    }
    d = cross_mounts(d);
    if (S_ISLNK(d->inode->mode) && follow) {
        err = follow_link(w, d);
        dentry_put(d);
        return err;
    }
    dentry_put(w->at);
    w->at = d;
    return 0;
}

/* Walks the whole path. With `last`, walks all but the last component, and sets
 * *last to that and *n to its length (0 if the path was "/"). */
static int walk(struct walk *w, u32 flags, const char **last, size_t *n)
{
    const char *name;
    size_t len;

    while ((len = next_component(w, &name))) {
        bool end = only_slashes(w->rest);
        int err = may_search(w);
        if (err || len > NAME_MAX)
            return err ? err : -ENAMETOOLONG;
        if (last && end) {
            *last = name;
            *n = len;
            return 0;
        }
        if (len == 2 && name[0] == '.' && name[1] == '.')
            go_up(w);
        else if (!(len == 1 && name[0] == '.'))
            err =
                step(w, name, len, !end || *w->rest || (flags & LOOKUP_FOLLOW));
        if (err)
            return err;
        /* A path that ends in slashes must name a directory. */
        if (end && *w->rest == '/' && !S_ISDIR(w->at->inode->mode) &&
            only_slashes(w->rest))
            return -ENOTDIR;
    }
    if (last)
        *n = 0;
    return 0;
}

static int start(struct walk *w, struct dentry *base, const char *path)
{
    struct fsctx *fs = current ? current->fs : NULL;

    COUNT(NAMEI);
    *w = (struct walk){.rest = path};
    if (!*path)
        return -ENOENT;
    w->root = dentry_get(fs ? fs->root : vfs_root);
    if (!base)
        base = fs ? fs->cwd : vfs_root;
    /* A process stays in its directory when a mount covers that (Linux 6.12,
     * fs/namei.c: path_init). */
    w->at = *path == '/' ? cross_mounts(dentry_get(w->root)) : dentry_get(base);
    return 0;
}

static void end(struct walk *w)
{
    kfree(w->text);
    dentry_put(w->at);
    dentry_put(w->root);
}

int path_lookup(struct dentry *base, const char *path, u32 flags,
                struct dentry **out)
{
    struct walk w;

    if (!*path && (flags & LOOKUP_EMPTY)) {
        *out = dentry_get(base ? base : current->fs->cwd);
        return 0;
    }
    int err = start(&w, base, path);
    if (err)
        return err;
    err = walk(&w, flags, NULL, NULL);
    if (!err && (flags & LOOKUP_DIRECTORY) && !S_ISDIR(w.at->inode->mode))
        err = -ENOTDIR;
    if (!err)
        *out = dentry_get(w.at);
    end(&w);
    return err;
}

/* The last component of a path. */
struct last {
    struct walk w; /* at its directory */
    const char *name;
    size_t len; /* 0: the path was "/" */
};

static int find_parent(struct dentry *base, const char *path, struct last *l)
{
    *l = (struct last){0};
    int err = start(&l->w, base, path);

    return err ? err : walk(&l->w, 0, &l->name, &l->len);
}

/* => the names are locked */
static int last_lookup(struct last *l, int special, struct dentry **out,
                       bool *slash)
{
    static const int rmdir_says[] = {-EBUSY, -EINVAL, -ENOTEMPTY};

    *slash = *l->w.rest == '/';
    if (l->len && !is_dots(l->name, l->len))
        return dentry_lookup(l->w.at, l->name, l->len, out);
    return special ? special : rmdir_says[l->len];
}

int path_lookup_last(struct dentry *base, const char *path, int special,
                     struct dentry **out, bool *slash)
{
    struct last l;
    int err = find_parent(base, path, &l);

    if (!err && !(err = mutex_lock_killable(&l.w.at->sb->names)) &&
        (err = last_lookup(&l, special, out, slash)))
        mutex_unlock(&l.w.at->sb->names);
    end(&l.w);
    return err;
}

int path_lookup_two(struct dentry *const base[2], char *const path[2],
                    struct dentry *out[2], bool slash[2])
{
    struct last l[2];
    int err = find_parent(base[0], path[0], &l[0]);

    if (err) {
        end(&l[0].w);
        return err;
    }
    err = find_parent(base[1], path[1], &l[1]);
    if (!err && l[0].w.at->sb != l[1].w.at->sb)
        err = -EXDEV;
    if (!err && !(err = mutex_lock_killable(&l[0].w.at->sb->names))) {
        err = last_lookup(&l[0], -EBUSY, &out[0], &slash[0]);
        if (!err && (err = last_lookup(&l[1], -EEXIST, &out[1], &slash[1])))
            dentry_put(out[0]);
        if (err)
            mutex_unlock(&l[0].w.at->sb->names);
    }
    end(&l[0].w);
    end(&l[1].w);
    return err;
}

void names_unlock(struct dentry *d)
{
    mutex_unlock(&d->sb->names);
}
