/* SPDX-License-Identifier: MIT */
/* Keeps the cache of names (fs/dcache.h). */
#include "fs/dcache.h"

#include "fs/icache.h"
#include "vm/page.h"

#define NHASH 256 /* initially; a power of two */

static struct list first[NHASH], *hash;
static u32 nhash;
static struct list idle = LIST_INIT(idle); /* oldest first */
static u32 nidle, ndentries;

static struct list *bucket(struct dentry *parent, const char *name, size_t len)
{
    u64 h = (u64)parent >> 4;

    for (size_t i = 0; i < len; i++)
        h = (h ^ (u8)name[i]) * 0x100000001b3ul;
    return &hash[(h ^ h >> 32) & (nhash - 1)];
}

static void use_table(struct list *table, u32 n)
{
    struct list *old = hash;
    u32 nold = nhash;

    for (u32 i = 0; i < n; i++)
        list_init(&table[i]);
    hash = table;
    nhash = n;
    for (u32 i = 0; i < nold; i++)
        while (!list_empty(&old[i])) {
            struct dentry *d = list_first_entry(&old[i], struct dentry, hash);
            list_del(&d->hash);
            list_add(&d->hash, bucket(d->parent, d->name, d->namelen));
        }
    if (old && old != first)
        kfree(old);
}

void dcache_init(void)
{
    use_table(first, NHASH);
}

/* Pinned names have no limit, so the table grows with the number of dentries,
 * if there is memory for it. */
static void enter(struct dentry *d)
{
    u32 more = 4 * nhash;
    struct list *table =
        ndentries > 2 * nhash ? kmalloc(more * sizeof *table) : NULL;

    if (table)
        use_table(table, more);
    list_add(&d->hash, bucket(d->parent, d->name, d->namelen));
}

struct dentry *dentry_alloc(struct super *sb, struct dentry *parent,
                            const char *name, size_t len)
{
    struct dentry *d = kzalloc(sizeof(*d));

    if (!d)
        return NULL;
    d->name = d->small;
    if (len >= sizeof(d->small) && !(d->name = kmalloc(len + 1))) {
        kfree(d);
        return NULL;
    }
    memcpy(d->name, name, len);
    d->name[len] = '\0';
    d->namelen = (u32)len;
    d->refs = 1;
    d->sb = sb;
    d->parent = parent ? dentry_get(parent) : d;
    list_init(&d->hash);
    list_init(&d->lru);
    list_init(&d->pinned);
    sb->dentries++;
    ndentries++;
    return d;
}

void dentry_add(struct dentry *d, struct inode *inode)
{
    d->inode = inode;
    if (!(d->sb->flags & SB_NOCACHE) && list_empty(&d->hash))
        enter(d);
}

struct dentry *dentry_find(struct dentry *parent, const char *name, size_t len)
{
    struct list *head = bucket(parent, name, len);
    struct dentry *d;

    list_for_each_entry(d, head, hash)
    {
        if (d->parent != parent || d->namelen != len ||
            memcmp(d->name, name, len) != 0)
            continue;
        if (d->refs == 0)
            nidle--;
        return dentry_get(d);
    }
    return NULL;
}

void dentry_drop(struct dentry *d)
{
    list_del(&d->hash);
}

/* Frees an unreferenced dentry; returns the parent, whose reference the caller
 * must drop, or NULL. */
static struct dentry *dentry_destroy(struct dentry *d)
{
    struct dentry *parent = d->parent != d ? d->parent : NULL;

    list_del(&d->hash);
    list_del(&d->lru);
    d->sb->dentries--;
    ndentries--;
    inode_put(d->inode);
    if (d->name != d->small)
        kfree(d->name);
    kfree(d);
    return parent;
}

/* Drops one reference; returns a dentry to destroy, or NULL. */
static struct dentry *dentry_unref(struct dentry *d)
{
    BUG_ON(d->refs == 0);
    if (--d->refs)
        return NULL;
    if (list_empty(&d->hash))
        return d;
    list_add_tail(&d->lru, &idle);
    if (++nidle <= dentry_limit())
        return NULL;
    nidle--;
    return list_first_entry(&idle, struct dentry, lru);
}

void dentry_put(struct dentry *d)
{
    while (d) {
        struct dentry *victim = dentry_unref(d);
        d = victim ? dentry_destroy(victim) : NULL;
    }
}

int dentry_make_room(struct dentry *d, size_t len)
{
    if (len < sizeof(d->small) || len <= d->namelen)
        return 0;
    char *name = kmalloc(len + 1);
    if (!name)
        return -ENOMEM;
    memcpy(name, d->name, d->namelen + 1);
    if (d->name != d->small)
        kfree(d->name);
    d->name = name;
    return 0;
}

void dentry_move(struct dentry *d, struct dentry *to)
{
    struct dentry *old = d->parent;

    dentry_drop(to);
    dentry_drop(d);
    memcpy(d->name, to->name, to->namelen + 1);
    d->namelen = to->namelen;
    d->parent = dentry_get(to->parent);
    enter(d);
    dentry_put(old);
}

void dentry_pin(struct dentry *d)
{
    list_add_tail(&dentry_get(d)->pinned, &d->sb->pinned);
}

void dentry_unpin(struct dentry *d)
{
    list_del(&d->pinned);
    dentry_put(d);
}

bool dcache_in_use(const struct super *sb)
{
    u32 names = 0, refs = sb->root->refs;
    struct dentry *d;

    list_for_each_entry(d, &sb->pinned, pinned)
    {
        names++;
        refs += d->refs;
    }
    /* A name holds a reference to its directory. */
    return sb->dentries != names + 1 || refs != 2 * names + 2;
}

void dcache_unpin(struct super *sb)
{
    while (!list_empty(&sb->pinned)) {
        struct dentry *d = list_first_entry(&sb->pinned, struct dentry, pinned);
        dentry_drop(d);
        dentry_unpin(d);
    }
}

/* Moves the idle dentries of sb (only those in `parent`, unless it is NULL) to
 * `doomed`, where a lookup still finds them. False if `doomed` is empty. */
static bool collect_idle(struct super *sb, struct dentry *parent,
                         struct list *doomed)
{
    for (struct list *l = idle.next, *next; l != &idle; l = next) {
        struct dentry *d = container_of(l, struct dentry, lru);
        next = l->next;
        if (d->sb != sb || (parent && d->parent != parent))
            continue;
        list_del(l);
        list_add_tail(l, doomed);
    }
    return !list_empty(doomed);
}

/* Destroys the idle dentries. That may sleep, and may make a parent idle, which
 * the next round finds; so there can be as many rounds as levels of
 * directories. */
static void drop_unused_names(struct super *sb, struct dentry *parent)
{
    struct list doomed = LIST_INIT(doomed);

    while (collect_idle(sb, parent, &doomed))
        while (!list_empty(&doomed)) {
            nidle--;
            dentry_put(
                dentry_destroy(list_first_entry(&doomed, struct dentry, lru)));
        }
}

bool dcache_purge_one(const char *type)
{
    struct dentry *d;

    list_for_each_entry(d, &idle, lru)
    {
        if (strcmp(d->sb->type, type) != 0)
            continue;
        nidle--;
        dentry_put(dentry_destroy(d));
        return true;
    }
    return false;
}

void dcache_shrink(struct super *sb)
{
    drop_unused_names(sb, NULL);
}

void dcache_shrink_dir(struct dentry *dir)
{
    drop_unused_names(dir->sb, dir);
}

struct cache_counts dentry_counts(void)
{
    return (struct cache_counts){ndentries, nidle};
}

/* Puts text before *at; false if it would begin before buf. */
static bool prepend(char *buf, char **at, const char *text, size_t len)
{
    if ((size_t)(*at - buf) < len)
        return false;
    *at -= len;
    memcpy(*at, text, len);
    return true;
}

char *dentry_path(struct dentry *d, struct dentry *root, char *buf, size_t n)
{
    char *at = buf + n;
    bool deleted =
        d->parent != d && list_empty(&d->hash) && !(d->sb->flags & SB_NOCACHE);

    if (!prepend(buf, &at, "", 1))
        return NULL;
    if (deleted && !prepend(buf, &at, " (deleted)", 10))
        return NULL;
    if (d->parent == d && !d->sb->root) /* a pipe: only a name, no path */
        return prepend(buf, &at, d->name, d->namelen) ? at : NULL;
    bool any = false;
    while (d != root) {
        if (d->parent == d) { /* the root of a file system */
            if (!d->sb->covers)
                break;
            d = d->sb->covers;
            continue;
        }
        if (!prepend(buf, &at, d->name, d->namelen) ||
            !prepend(buf, &at, "/", 1))
            return NULL;
        any = true;
        d = d->parent;
    }
    if (!any && !prepend(buf, &at, "/", 1))
        return NULL;
    return at;
}
