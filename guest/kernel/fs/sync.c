/* SPDX-License-Identifier: MIT */
/* Writes back inodes and pages that are newer in memory than on the disk.
 *
 * An inode is on the list of dirty inodes while it or one of its pages is
 * dirty. kflushd wakes when the first inode or buffer becomes dirty. Every
 * vm.dirty_writeback_centisecs it writes what has been dirty for longer than
 * vm.dirty_expire_centisecs, and all inodes if a policy asks for it or dirty
 * pages exceed vm.dirty_background_ratio. (Some policies replace kflushd.) */
#include "fs/buffer.h"
#include "fs/dcache.h"
#include "lib/tunable.h"
#include "task/proc.h"
#include "vm/seam.h"
#include "vm/writeback.h"

static struct list dirty_inodes = LIST_INIT(dirty_inodes); /* oldest first */
/* Allows one pass over the list at a time: when a second pass begins, the first
 * has started to write all that it removed from the list. */
static struct mutex passing = {.waiting = WAITQ_INIT(passing.waiting)};

static void enlist(struct inode *inode)
{
    if (inode->dying || !list_empty(&inode->dirty_link))
        return;
    inode->dirtied_ns = now_ns();
    if (list_empty(&dirty_inodes))
        flush_kick();
    list_add_tail(&inode->dirty_link, &dirty_inodes);
}

void inode_dirty(struct inode *inode)
{
    if (!inode->sb->ops || !inode->sb->ops->write_inode)
        return;
    inode->dirty = true;
    enlist(inode);
}

void inode_touch(struct inode *inode)
{
    inode->mtime = inode->ctime = wall_now();
    inode_dirty(inode);
}

void inode_touch_ctime(struct inode *inode)
{
    inode->ctime = wall_now();
    inode_dirty(inode);
}

void inode_page_dirtied(struct vm_object *obj)
{
    enlist(container_of(obj, struct inode, obj));
}

bool inode_is_dirty(const struct inode *inode)
{
    return !list_empty(&inode->dirty_link) || inode->obj.writing ||
           inode->obj.paged;
}

/* Starts to write one inode and its pages. The inode stays listed and dirty
 * until it is in the buffer cache, so that an fsync meanwhile writes it, too.
 * => the caller has a reference; sleeps */
static int write_one(struct inode *inode)
{
    int err = object_write_back(&inode->obj);
    int bad = inode->dirty ? inode->sb->ops->write_inode(inode) : 0;
    err = bad ? bad : err;
    list_del(&inode->dirty_link);
    /* A later pass writes an inode that is still dirty, or dirty again. */
    if (inode->dirty || inode->obj.dirty || inode->obj.paged)
        enlist(inode);
    return err;
}

int inode_flush(struct inode *inode)
{
    object_wait_written(&inode->obj); /* pages may be dirty again */
    int err = write_one(inode);
    object_wait_written(&inode->obj);
    return err;
}

/* The inodes that a pass writes. */
enum kind { ANY_KIND, NO_DIRECTORIES };

/* Starts to write the inodes of sb (NULL: of all file systems) that became
 * dirty at `before` or earlier. 0 or -EIO. => sleeps */
static int write_inodes(struct super *sb, u64 before, enum kind kind)
{
    struct inode *inode;
    int err = 0;

    mutex_lock(&passing);
    u64 pass = now_ns();
again:
    list_for_each_entry(inode, &dirty_inodes, dirty_link)
    {
        /* Inodes that became dirty after this pass began are left to the
         * next. */
        if (inode->dirtied_ns > MIN(before, pass))
            break;
        if ((sb && inode->sb != sb) ||
            (kind == NO_DIRECTORIES && S_ISDIR(inode->mode)))
            continue;
        inode_hold(inode);
        int bad = write_one(inode);
        if (bad && err != -EIO) /* one that was refused memory tries again */
            err = bad == -ENOMEM ? bad : -EIO;
        /* An inode listed again (write failed, or a page is dirty again)
         * gets a time later than the pass, so the loop ends. */
        inode->dirtied_ns = list_empty(&inode->dirty_link) ? 0 : now_ns() + 1;
        inode_release(inode);
        goto again;
    }
    mutex_unlock(&passing);
    return err;
}

static bool is_of(const struct vm_object *obj, const void *sb)
{
    return !sb || container_of(obj, const struct inode, obj)->sb == sb;
}

/* Waits for the pages of sb (NULL: of all file systems) that are under
 * write-back now. */
static void wait_written(struct super *sb)
{
    objects_wait_written(is_of, sb);
}

int super_write(struct super *sb)
{
    wait_written(sb); /* a page being written may be dirty again */
    int err = write_inodes(sb, NEVER, NO_DIRECTORIES);
    wait_written(sb);
    return err;
}

int super_write_all(struct super *sb)
{
    wait_written(sb);
    int err = write_inodes(sb, NEVER, ANY_KIND);
    wait_written(sb);
    return err;
}

int file_sync(struct file *f)
{
    struct super *sb = f->inode->sb;

    if (!sb->ops || !sb->ops->sync || (sb->flags & SB_RDONLY))
        return 0;
    int err = object_sync(&f->inode->obj, &f->errors_told);
    /* A file survives a crash only if the directories on its path do: so all
     * metadata are written. */
    int bad = sb->ops->sync(sb);
    int late = object_tell_error(&f->inode->obj, &f->errors_told);
    return err ? err : late ? late : bad;
}

static u64 centisecs(enum tunable id)
{
    return (u64)tun(id) * (NSEC_PER_SEC / 100);
}

void flush_older(u64 then)
{
    write_inodes(NULL, then, ANY_KIND);
    buf_write_old(NULL, then);
}

/* Writes one dirty inode to the buffer cache. False: all were tried in this
 * pass. */
static bool write_one_inode(u64 pass)
{
    struct inode *inode;

    list_for_each_entry(inode, &dirty_inodes, dirty_link)
    {
        if (!inode->dirty || inode->dirtied_ns > pass)
            continue;
        inode_hold(inode);
        if (inode->sb->ops->write_inode(inode)) {
            inode->dirtied_ns = pass + 1; /* the next pass tries again */
        } else if (!inode->dirty && !inode->obj.dirty) {
            list_del(&inode->dirty_link);
        }
        inode_release(inode);
        return true;
    }
    return false;
}

void flush_metadata(u64 then, bool inodes)
{
    u64 pass = now_ns();

    mutex_lock(&passing);
    while (inodes && write_one_inode(pass))
        ;
    mutex_unlock(&passing);
    buf_write_old(NULL, then);
}

static void flush_round(void)
{
    bool much = nr_dirty > dirty_background() || flush_all_wanted;
    u64 now = now_ns(), age = centisecs(TUN_DIRTY_EXPIRE);
    flush_all_wanted = false;
    u64 before = much ? now : now > age ? now - age : 0;

    write_inodes(NULL, before, ANY_KIND);
    buf_write_old(NULL, now > age ? now - age : 0);
}

static void flushd(void *arg)
{
    current->actor = ACTOR_WRITER;
    current->sig_blocked = ~0ul; /* a kernel thread takes no signals */
    for (;;) {
        bool idle = list_empty(&dirty_inodes) && !buf_ndirty();
        sleep_until(idle ? NEVER : now_ns() + centisecs(TUN_DIRTY_WRITEBACK),
                    &flush_wanted);
        do
            flush_round();
        while (nr_dirty > dirty_background() && !list_empty(&dirty_inodes) &&
               (sleep_until(now_ns() + NSEC_PER_SEC / 100, NULL), true));
    }
}

void flushd_start(void)
{
    if (policy->own_writeback) /* the policy has threads of its own */
        return;
    if (!proc_spawn_kernel("kflushd", flushd, NULL))
        panic("no memory for kflushd");
}
