/* SPDX-License-Identifier: MIT */
/* Makes /proc/self, thread-self, and in /proc/PID: task/, exe, cwd, root, fd/.
 * exe, cwd, root and fd/N lead to the file itself, not to a path to look up. */
#include "fs/dcache.h"
#include "fs/file.h"
#include "fs/fsctx.h"
#include "fs/proc/node.h"
#include "task/proc.h"

#define TASK_INO(tid)  PID_INO(tid, 0x405)
#define FD_INO(pid, n) PID_INO(pid, 0x800 + (n))

/* Sets *p to the process whose file a link leads to. 0, -ENOENT, -EACCES. */
static int may_follow(const struct inode *inode, struct proc **p)
{
    *p = node_task(inode->priv);
    return !*p ? -ENOENT : proc_may_look(*p) ? 0 : -EACCES;
}

static int lead_to(struct dentry *d, struct dentry **out)
{
    if (!d)
        return -ENOENT;
    *out = dentry_get(d);
    return 0;
}

/* Defines a link that leads to `place`, a dentry of process p. */
#define HELD(name, place)                                                      \
    static int follow_##name(struct inode *inode, struct dentry **out)         \
    {                                                                          \
        struct proc *p;                                                        \
        int err = may_follow(inode, &p);                                       \
        return err ? err : lead_to(place, out);                                \
    }                                                                          \
    const struct inode_ops link_##name = {.follow = follow_##name};
HELD(cwd, p->fs ? p->fs->cwd : NULL)
HELD(root, p->fs ? p->fs->root : NULL)
HELD(exe, p->leader->exe ? p->leader->exe->dentry : NULL)

static int follow_fd(struct inode *inode, struct dentry **out)
{
    const struct node *n = inode->priv;
    struct proc *p;
    int err = may_follow(inode, &p);
    struct file *f = err ? NULL : proc_fd_get(p, n->fd);

    if (!f)
        return err ? err : -ENOENT;
    *out = dentry_get(f->dentry);
    file_put(f);
    return 0;
}

static const struct inode_ops fd_ops = {.follow = follow_fd};

static int fd_lookup(struct inode *in, const char *name, size_t len,
                     struct inode **out)
{
    static const struct proc_file row = {.mode = S_IFLNK, .ops = &fd_ops};
    struct node *dir = in->priv;
    struct node node = {.file = &row,
                        .pid = dir->pid,
                        .since = dir->since,
                        .fd = proc_number(name, len)};
    struct proc *p = node_task(dir);
    struct file *f = p ? proc_fd_get(p, node.fd) : NULL;

    if (!f)
        return -ENOENT;
    u32 mode = (file_readable(f) ? 0500u : 0) | (file_writable(f) ? 0300u : 0);
    file_put(f);
    int err = proc_inode(in->sb, &node, FD_INO(node.pid, node.fd), out);
    if (!err)
        (*out)->mode |= mode;
    return err;
}

static int fd_readdir(struct file *f, struct dir_sink *sink)
{
    const struct node *dir = f->inode->priv;

    if (!proc_list_dots(f, sink))
        return 0;
    for (;;) {
        struct proc *p = node_task(dir);
        u32 fd = (u32)(f->pos - FIRST_ROW);
        if (!p || !p->files || fd >= p->files->n)
            return 0;
        if (!p->files->fd[fd].file)
            f->pos++;
        else if (!proc_list_number(f, sink, fd, FD_INO(dir->pid, fd), S_IFLNK,
                                   f->pos + 1))
            return 0;
    }
}

const struct inode_ops in_fd = {.lookup = fd_lookup};
const struct file_ops dir_fd = {.readdir = fd_readdir, .llseek = pages_llseek};

static int task_lookup(struct inode *in, const char *name, size_t len,
                       struct inode **out)
{
    const struct node *dir = in->priv;
    u32 tid = proc_number(name, len);
    const struct proc *t = tid == ~0u ? NULL : proc_find(tid);

    if (!t || t->lens.tgid != dir->pid || !node_task(dir))
        return -ENOENT;
    return proc_lookup_pid(in, tid, true, out);
}

/* Returns the smallest task number above tid in process pid, or 0. */
static u32 task_after(u32 pid, u32 tid)
{
    u32 best = 0;

    for_each_task(t) if (t->lens.tgid == pid && t->lens.pid > tid &&
                         t->lens.state != PS_UNUSED &&
                         (!best || t->lens.pid < best)) best = t->lens.pid;
    return best;
}

static int task_readdir(struct file *f, struct dir_sink *sink)
{
    struct node *dir = f->inode->priv;
    u32 tid;

    if (proc_list_dots(f, sink))
        while (node_task(dir) &&
               (tid = task_after(dir->pid, (u32)(f->pos - FIRST_ROW))))
            if (!proc_list_number(f, sink, tid, TASK_INO(tid), S_IFDIR,
                                  FIRST_ROW + tid))
                break;
    return 0;
}

const struct inode_ops in_task = {.lookup = task_lookup};
const struct file_ops dir_task = {.readdir = task_readdir,
                                  .llseek = pages_llseek};

/* Copies the text of /proc/self or thread-self, cut to n bytes. */
static int put_text(char *buf, size_t n, const char *text)
{
    size_t len = MIN(strlen(text), n);

    memcpy(buf, text, len);
    return (int)len;
}

static int read_self(struct inode *inode, char *buf, size_t n)
{
    char text[32];

    snprintf(text, sizeof(text), "%u", current->lens.tgid);
    return put_text(buf, n, text);
}

static int read_thread_self(struct inode *inode, char *buf, size_t n)
{
    const struct lens_proc *l = &current->lens;
    char text[32];

    snprintf(text, sizeof(text), "%u/task/%u", l->tgid, l->pid);
    return put_text(buf, n, text);
}

const struct inode_ops link_self = {.readlink = read_self};
const struct inode_ops link_thread_self = {.readlink = read_thread_self};
