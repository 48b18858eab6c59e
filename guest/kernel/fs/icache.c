/* SPDX-License-Identifier: MIT */
/* Keeps inodes in memory. A file's pages belong to its inode (inode->obj) and
 * stay when the file is no longer in use: a program that is started again finds
 * them (requirement 003-7). They leave when reclaim evicts them or when the
 * inode's structure is needed for another file: then dirty pages are written
 * and all are freed. Which idle inode is replaced, and when, follows Solaris in
 * its two versions:
 *
 *   up to 2.3 (ufs.icache 0)            2.4 and later (ufs.icache 1)
 *
 *   a new inode, cache full: replaces   a new inode: takes a blank structure
 *   the inode idle longest; if none is  from the reuse list, or allocates one;
 *   idle, drops a cached name first;    their number is not limited
 *   if that does not help, allocates
 *   one, over the limit
 *
 *   an inode becomes idle: is freed if  an inode becomes idle: goes to the end
 *   the cache is over the limit, else   of the list; at ufs_ninode idle inodes
 *   goes to the end of the idle list    the thread ufs_idle wakes, reduces them
 *                                       to 75% of that and puts structures on
 *                                       the reuse list; until it has run, each
 *                                       further inode that becomes idle first
 *                                       frees the oldest one (our addition)
 *
 * In both, a removed file's structure goes to the front of the reuse list. Once
 * that list has ufs_ninode / 4 structures, a removed file's structure is freed
 * instead, and so are the structures that the thread takes. (ufs_inode.c of
 * those systems: iget, ufs_iinactive, ufs_thread_idle.)
 *
 * Entries of the name cache hold references to their inodes: an inode is active
 * while a cached name, an open file, a mapping or a cwd refers to it. */
#include "fs/icache.h"

#include "fs/dcache.h"
#include "lib/tunable.h"
#include "task/proc.h"

#define NHASH  128
#define NTYPES 8

enum rules { RULES_23, RULES_24 };

static struct list hash[NHASH]; /* inodes of all caches */
static struct inode_cache caches[NTYPES];
static struct waitq loading = WAITQ_INIT(loading);
static struct waitq released = WAITQ_INIT(released);
static struct waitq scavenge_wanted = WAITQ_INIT(scavenge_wanted);

static enum rules rules(void)
{
    return tun(TUN_UFS_ICACHE) ? RULES_24 : RULES_23;
}

/* Sun's defaults for both caches: 17 * maxusers + 90, where maxusers is RAM
 * in MiB, at least 8 (conf/param.c, up to 2.5.1). */
static u32 size_of_cache(enum tunable id)
{
    s64 set = tun(id);
    u64 maxusers = MAX(nframes * PAGE_SIZE >> 20, 8ul);

    return set ? (u32)set : (u32)(17 * maxusers + 90);
}

u32 inode_limit(void)
{
    return size_of_cache(TUN_UFS_NINODE);
}

u32 dentry_limit(void)
{
    return size_of_cache(TUN_UFS_NCSIZE);
}

struct inode_cache *inode_cache_at(u32 i)
{
    return i < NTYPES && caches[i].type ? &caches[i] : NULL;
}

struct inode_cache *inode_cache_of(const char *type)
{
    struct inode_cache *c = caches;

    while (c->type && strcmp(c->type, type) != 0)
        c++;
    assert(c < caches + NTYPES);
    if (!c->type) {
        list_init(&c->idle);
        list_init(&c->blank);
        c->type = type;
    }
    return c;
}

static struct list *icache_bucket(struct super *sb, u64 ino)
{
    if (!hash[0].next)
        for (u32 i = 0; i < NHASH; i++)
            list_init(&hash[i]);
    return &hash[(ino ^ (u64)sb >> 6) % NHASH];
}

/* ---- replacement --------------------------------------------------------- */

/* Removes the inode's pages and data; its structure is on no list afterwards.
 * => no references; dirty content is lost, so the inode has no name left or is
 * clean */
static void inode_empty(struct inode *inode, enum reason why)
{
    inode->dying = true;
    list_del(&inode->dirty_link);
    list_del(&inode->hash);
    list_del(&inode->lru);
    inode->sb->evicting++;
    object_release(&inode->obj, why);
    if (inode->sb->ops && inode->sb->ops->evict)
        inode->sb->ops->evict(inode);
    inode->sb->evicting--;
    wake_up(&released);
}

static void inode_discard(struct inode_cache *c, struct inode *inode,
                          enum reason why)
{
    inode_empty(inode, why);
    c->existing--;
    kfree(inode);
}

/* As inode_discard, but the structure goes to the reuse list. */
static void inode_blank(struct inode_cache *c, struct inode *inode,
                        enum reason why)
{
    inode_empty(inode, why);
    list_add(&inode->lru, &c->blank);
    c->nblank++;
}

/* Prepares an idle inode for replacement: writes it and its pages if dirty.
 * False: it stays, dirty or in use again. True: it is on no list of c and has
 * no reference. => may sleep */
static bool inode_prepare_reuse(struct inode_cache *c, struct inode *inode)
{
    inode_hold(inode);
    inode->sb->leaving++;
    if (inode_is_dirty(inode))
        inode_flush(inode);
    inode->sb->leaving--;
    inode->held--;
    wake_up(&released);
    if (--inode->refs)
        return false;
    if (inode_is_dirty(inode)) { /* not written: try again later */
        list_add_tail(&inode->lru, &c->idle);
        c->nidle++;
        return false;
    }
    if (inode->obj.resident)
        COUNT(UFS_IPAGE);
    else
        COUNT(UFS_INOPAGE);
    return true;
}

/* Solaris 2.3's rule, applied before a new inode is made. */
static void icache_make_room(struct inode_cache *c, struct super *sb)
{
    u32 tries = c->nidle + 1;

    while (list_empty(&c->blank) && c->existing >= inode_limit()) {
        if (list_empty(&c->idle)) {
            if (!dcache_purge_one(sb->type))
                return; /* active inodes may exceed the limit */
            continue;
        }
        struct inode *inode = list_first_entry(&c->idle, struct inode, lru);
        if (inode_prepare_reuse(c, inode))
            inode_blank(c, inode, R_INODE_REUSE);
        else if (--tries == 0)
            return;
    }
}

/* Solaris 2.4's rule: frees the oldest idle inodes until at most `keep` are
 * idle; returns how many. An inode that cannot be written stays.
 * => may sleep */
static u32 free_oldest_idle(struct inode_cache *c, u32 keep)
{
    u32 gone = 0;

    for (u32 tries = c->nidle; tries && c->nidle > keep; tries--) {
        struct inode *inode = list_first_entry(&c->idle, struct inode, lru);
        if (!inode_prepare_reuse(c, inode))
            continue;
        gone++;
        if (c->nblank < inode_limit() / 4)
            inode_blank(c, inode, R_INODE_REUSE);
        else
            inode_discard(c, inode, R_INODE_REUSE);
    }
    return gone;
}

static void scavenge(struct inode_cache *c)
{
    u32 limit = inode_limit();

    if (c->nidle >= limit)
        COUNT_ADD(UFS_SCAVENGED, free_oldest_idle(c, limit - limit / 4));
}

static void scavenger(void *arg)
{
    current->actor = ACTOR_KERNEL;
    current->sig_blocked = ~0ul;
    for (;;) {
        for (u32 i = 0; inode_cache_at(i); i++)
            if (rules() == RULES_24)
                scavenge(&caches[i]);
        sleep_until(NEVER, &scavenge_wanted);
        signal_discard(current, ~0ul);
    }
}

void icache_start(void)
{
    if (!proc_spawn_kernel("ufs_idle", scavenger, NULL))
        panic("no memory for ufs_idle");
}

/* ---- use ----------------------------------------------------------------- */

/* Returns a zeroed structure: a blank one, or a new one. => may sleep */
static struct inode *inode_obtain(struct inode_cache *c, struct super *sb)
{
    struct inode *inode;

    if (rules() == RULES_23)
        icache_make_room(c, sb);
    if (c->existing - c->nidle - c->nblank >= inode_limit())
        COUNT(INODE_OVF);
    if (list_empty(&c->blank)) {
        inode = kzalloc(sizeof(*inode));
        c->existing += inode != NULL;
        return inode;
    }
    inode = list_first_entry(&c->blank, struct inode, lru);
    list_del(&inode->lru);
    c->nblank--;
    memset(inode, 0, sizeof(*inode));
    return inode;
}

struct inode *inode_alloc(struct super *sb, u32 mode)
{
    struct inode *inode = inode_obtain(sb->icache, sb);

    if (!inode)
        return NULL;
    object_init(&inode->obj, NULL, 0, ++sb->next_ino, FS_SHMEM);
    inode->obj.dev = sb->dev;
    list_init(&inode->hash);
    list_init(&inode->lru);
    list_init(&inode->dirty_link);
    mutex_init(&inode->lock);
    inode->sb = sb;
    inode->ino = sb->next_ino;
    inode->mode = mode;
    inode->nlink = 1;
    inode->refs = 1;
    inode->atime = inode->mtime = inode->ctime = wall_now();
    if (current) {
        inode->uid = current->fsuid;
        inode->gid = current->fsgid;
    }
    return inode;
}

struct inode *inode_get(struct inode *inode)
{
    if (inode->refs++ == 0) {
        list_del(&inode->lru);
        inode->sb->icache->nidle--;
    }
    return inode;
}

/* Returns the inode if in memory, with a reference, or NULL. => may sleep */
static struct inode *icache_find(struct super *sb, u64 ino)
{
    struct inode *inode;

again:
    list_for_each_entry(inode, icache_bucket(sb, ino), hash)
    {
        if (inode->sb != sb || inode->ino != ino)
            continue;
        if (inode->loading) {
            sleep_on(&loading);
            goto again;
        }
        return inode_get(inode);
    }
    return NULL;
}

struct inode *inode_find_or_new(struct super *sb, u64 ino)
{
    struct inode *inode = icache_find(sb, ino), *other;

    if (inode || !(inode = inode_alloc(sb, 0)))
        return inode;
    /* inode_alloc may have slept, and another task may have made the inode. */
    other = icache_find(sb, ino);
    if (other) {
        inode_put(inode);
        return other;
    }
    inode->ino = inode->obj.id = ino;
    inode->loading = true;
    list_add(&inode->hash, icache_bucket(sb, ino));
    return inode;
}

void inode_loaded(struct inode *inode, int err)
{
    inode->loading = false;
    wake_up(&loading);
    if (err) {
        list_del(&inode->hash);
        inode_put(inode);
    }
}

static void drop_reference(struct inode *inode)
{
    struct inode_cache *c;

    BUG_ON(inode->refs == 0);
    c = inode->sb->icache;
    /* Makes room first, while our reference keeps the inode active, so that the
     * number of idle inodes stays within the limit if they can be written. */
    if (inode->refs == 1 && rules() == RULES_24 && inode->nlink &&
        !list_empty(&inode->hash) && c->nidle >= inode_limit())
        free_oldest_idle(c, inode_limit() - 1);
    if (--inode->refs)
        return;
    if (list_empty(&inode->hash) || inode->nlink == 0) {
        enum reason why = inode->nlink ? R_DROP_CACHE : R_TRUNCATE;
        if (c->nblank < inode_limit() / 4)
            inode_blank(c, inode, why);
        else
            inode_discard(c, inode, why);
        return;
    }
    list_add_tail(&inode->lru, &c->idle);
    c->nidle++;
    c->most_idle = MAX(c->most_idle, c->nidle);
    if (rules() == RULES_24 && c->nidle >= inode_limit()) {
        wake_up(&scavenge_wanted);
        sched_end_turn(); /* so that the scavenger runs before programs */
    } else if (rules() == RULES_23 && c->existing > inode_limit() &&
               inode_prepare_reuse(c, inode))
        inode_discard(c, inode, R_INODE_REUSE);
}

/* True if the file has no name and only the caller and write-back use it. */
static bool only_held(const struct inode *inode)
{
    return !inode->nlink && inode->held && inode->refs == inode->held + 1;
}

void inode_put(struct inode *inode)
{
    if (!inode)
        return;
    /* The space of a removed file must be free when its last user is done. */
    if (only_held(inode))
        object_truncate(&inode->obj, 0);
    while (only_held(inode))
        sleep_on(&released);
    drop_reference(inode);
}

struct inode *inode_hold(struct inode *inode)
{
    inode->held++;
    return inode_get(inode);
}

void inode_release(struct inode *inode)
{
    inode->held--;
    wake_up(&released);
    drop_reference(inode);
}

/* ---- all inodes ---------------------------------------------------------- */

bool inode_orphaned(struct super *sb)
{
    struct inode *inode;

    for (u32 i = 0; i < NHASH && hash[i].next; i++)
        list_for_each_entry(inode, &hash[i], hash)
        {
            if (inode->sb == sb && !inode->nlink)
                return true;
        }
    return false;
}

void inode_for_orphans(struct super *sb, void (*fn)(struct inode *))
{
    struct inode *inode;
    bool any;

    do {
        any = false;
        for (u32 i = 0; i < NHASH && hash[i].next && !any; i++)
            list_for_each_entry(inode, &hash[i], hash)
            {
                if (inode->sb != sb || inode->nlink || inode->loading)
                    continue;
                /* Removed from the hash, so that neither this loop nor a lookup
                 * finds it again. */
                list_del(&inode->hash);
                fn(inode);
                any = true;
                break;
            }
    } while (any);
}

static void free_blanks(struct inode_cache *c)
{
    struct inode *inode, *next;

    list_for_each_entry_safe(inode, next, &c->blank, lru)
    {
        list_del(&inode->lru);
        c->nblank--;
        c->existing--;
        kfree(inode);
    }
}

static void icache_shrink(struct inode_cache *c, struct super *sb)
{
    struct inode *inode;

again: /* discarding may sleep */
    list_for_each_entry(inode, &c->idle, lru)
    {
        if ((sb && inode->sb != sb) || inode_is_dirty(inode))
            continue;
        c->nidle--;
        inode_discard(c, inode, R_DROP_CACHE);
        goto again;
    }
    free_blanks(c);
}

void inode_shrink(struct super *sb)
{
    for (u32 i = 0; inode_cache_at(i); i++)
        if (!sb || sb->icache == &caches[i])
            icache_shrink(&caches[i], sb);
}

void inode_shrink_all(struct super *sb)
{
    for (inode_shrink(sb); sb->leaving || sb->evicting; inode_shrink(sb))
        sleep_on(&released);
}

int icache_audit(void)
{
    struct inode *inode;
    int bad = 0;

    for (u32 i = 0; inode_cache_at(i); i++) {
        struct inode_cache *c = &caches[i];
        u32 nidle = 0, nblank = 0, found = 0;
        list_for_each_entry(inode, &c->idle, lru)
        {
            nidle++;
            bad += inode->refs || inode->dying || list_empty(&inode->hash) ||
                   inode->sb->icache != c;
        }
        list_for_each_entry(inode, &c->blank, lru)
        {
            nblank++;
            bad += inode->obj.resident || !list_empty(&inode->hash);
        }
        for (u32 h = 0; h < NHASH && hash[h].next; h++)
            list_for_each_entry(inode, &hash[h], hash)
            {
                found += inode->sb->icache == c && inode->refs == 0;
            }
        bad += nidle != c->nidle || nblank != c->nblank || found != nidle;
    }
    if (bad)
        kprintf("audit: %d errors in the inode caches\n", bad);
    return bad ? -EIO : 0;
}

struct cache_counts inode_counts(void)
{
    struct cache_counts n = {0};

    for (u32 i = 0; inode_cache_at(i); i++) {
        n.all += caches[i].existing - caches[i].nblank;
        n.idle += caches[i].nidle;
    }
    return n;
}
