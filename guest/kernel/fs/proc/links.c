/* SPDX-License-Identifier: MIT */
/* /proc/self; and in /proc/PID: exe, cwd, root, fd/, task/. These links lead to
 * the file itself, not to a path that is looked up again. */
#include "fs/dcache.h"
#include "fs/file.h"
#include "fs/fsctx.h"
#include "fs/proc/node.h"
#include "proc/proc.h"

enum proc_link {
    LINK_CWD,
    LINK_EXE,
    LINK_ROOT,
    LINK_FD_DIR,
    LINK_TASK_DIR,
    LINK_COUNT
};
static const char *const names[LINK_COUNT] = {"cwd", "exe", "root", "fd",
                                              "task"};
#define LINK_INO(pid, n) ((u64)(pid) << 16 | (0x400 + (n)))
#define FD_INO(pid, n)   ((u64)(pid) << 16 | (0x800 + (n)))
#define FIRST_FD         2 /* position of descriptor 0 in fd/ */

static int follow_held(struct inode *inode, struct dentry **out)
{
    struct node *n = inode->priv;
    struct proc *p = proc_find(n->pid);
    struct dentry *d = NULL;

    if (!p)
        return -ENOENT;
    if (!proc_may_look(p))
        return -EACCES;
    if (n->which == LINK_EXE)
        d = p->leader->exe ? p->leader->exe->dentry : NULL;
    else if (p->fs)
        d = n->which == LINK_CWD ? p->fs->cwd : p->fs->root;
    if (!d)
        return -ENOENT;
    *out = dentry_get(d);
    return 0;
}

static int follow_fd(struct inode *inode, struct dentry **out)
{
    struct node *n = inode->priv;
    struct proc *p = proc_find(n->pid);

    if (!p)
        return -ENOENT;
    if (!proc_may_look(p))
        return -EACCES;
    struct file *f = proc_fd_get(p, n->which);
    if (!f)
        return -ENOENT;
    *out = dentry_get(f->dentry);
    file_put(f);
    return 0;
}

static const struct inode_ops held_ops = {.follow = follow_held};
static const struct inode_ops fd_ops = {.follow = follow_fd};

static int fd_lookup(struct inode *in, const char *name, size_t len,
                     struct inode **out)
{
    struct node *dir = in->priv;
    struct node node = {.pid = dir->pid, .which = proc_number(name, len)};
    struct proc *p = proc_find(dir->pid);
    struct file *f = p ? proc_fd_get(p, node.which) : NULL;

    if (!f)
        return -ENOENT;
    u32 mode = S_IFLNK | 0100;
    if ((f->flags & O_ACCMODE) != O_WRONLY)
        mode |= 0400;
    if ((f->flags & O_ACCMODE) != O_RDONLY)
        mode |= 0200;
    file_put(f);
    *out = proc_inode(in->sb, &node, mode, FD_INO(node.pid, node.which));
    if (!*out)
        return -ENOMEM;
    (*out)->ops = &fd_ops;
    return 0;
}

static int fd_readdir(struct file *f, struct dir_sink *sink)
{
    struct node *dir = f->inode->priv;
    char name[12];

    for (; f->pos < FIRST_FD; f->pos++)
        if (!sink->emit(sink, "..", 1 + f->pos, f->inode->ino, S_IFDIR,
                        f->pos + 1))
            return 0;
    for (;; f->pos++) {
        struct proc *p = proc_find(dir->pid);
        u32 fd = (u32)(f->pos - FIRST_FD);
        if (!p || !p->files || fd >= p->files->n)
            return 0;
        if (!p->files->fd[fd].file)
            continue;
        int len = snprintf(name, sizeof(name), "%u", fd);
        if (!sink->emit(sink, name, (size_t)len, FD_INO(dir->pid, fd), S_IFLNK,
                        f->pos + 1))
            return 0;
    }
}

static const struct inode_ops fd_dir_inode_ops = {.lookup = fd_lookup};
static const struct file_ops fd_dir_ops = {.readdir = fd_readdir,
                                           .llseek = pages_llseek};

static int task_lookup(struct inode *in, const char *name, size_t len,
                       struct inode **out)
{
    const struct node *dir = in->priv;
    u32 tid = proc_number(name, len);
    const struct proc *t = tid == ~0u ? NULL : proc_find(tid);

    if (!t || t->lens.tgid != dir->pid)
        return -ENOENT;
    return proc_lookup_pid(in, tid, true, out);
}

/* The smallest task number above tid in process pid, or 0. */
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
    char name[12];
    u32 tid;

    for (; f->pos < FIRST_FD; f->pos++)
        if (!sink->emit(sink, "..", 1 + f->pos, f->inode->ino, S_IFDIR,
                        f->pos + 1))
            return 0;
    while ((tid = task_after(dir->pid, (u32)(f->pos - FIRST_FD)))) {
        int len = snprintf(name, sizeof(name), "%u", tid);
        if (!sink->emit(sink, name, (size_t)len, LINK_INO(tid, LINK_COUNT),
                        S_IFDIR, FIRST_FD + tid))
            return 0;
        f->pos = FIRST_FD + tid;
    }
    return 0;
}

static const struct inode_ops task_dir_inode_ops = {.lookup = task_lookup};
static const struct file_ops task_dir_ops = {.readdir = task_readdir,
                                             .llseek = pages_llseek};

static bool is_dir(u32 link)
{
    return link == LINK_FD_DIR || link == LINK_TASK_DIR;
}

int proc_link_lookup(struct inode *in, const char *name, size_t len,
                     struct inode **out)
{
    struct node *dir = in->priv, node = {.pid = dir->pid};

    for (u32 i = 0; i < LINK_COUNT; i++) {
        if (strlen(names[i]) != len || memcmp(names[i], name, len) != 0)
            continue;
        u32 mode = i == LINK_FD_DIR     ? S_IFDIR | 0500
                   : i == LINK_TASK_DIR ? S_IFDIR | 0555
                                        : S_IFLNK | 0777;
        if (i == LINK_TASK_DIR && dir->task)
            break;
        node.which = i;
        *out = proc_inode(in->sb, &node, mode, LINK_INO(dir->pid, i));
        if (!*out)
            return -ENOMEM;
        (*out)->ops = i == LINK_FD_DIR     ? &fd_dir_inode_ops
                      : i == LINK_TASK_DIR ? &task_dir_inode_ops
                                           : &held_ops;
        (*out)->fops = i == LINK_FD_DIR     ? &fd_dir_ops
                       : i == LINK_TASK_DIR ? &task_dir_ops
                                            : NULL;
        return 0;
    }
    return -ENOENT;
}

static int self_readlink(struct inode *inode, char *buf, size_t n)
{
    const struct node *node = inode->priv;
    const struct lens_proc *l = &current->lens;
    char text[32];
    int len = node->task
                  ? snprintf(text, sizeof(text), "%u/task/%u", l->tgid, l->pid)
                  : snprintf(text, sizeof(text), "%u", l->tgid);

    memcpy(buf, text, MIN((size_t)len, n));
    return (int)MIN((size_t)len, n);
}

static const struct inode_ops self_ops = {.readlink = self_readlink};

int proc_self_lookup(struct inode *in, bool thread, struct inode **out)
{
    struct node node = {.task = thread};

    *out = proc_inode(in->sb, &node, S_IFLNK | 0777, LINK_INO(0, thread));
    if (!*out)
        return -ENOMEM;
    (*out)->ops = &self_ops;
    return 0;
}

bool proc_list_links(struct file *f, struct dir_sink *sink, u64 first)
{
    struct node *dir = f->inode->priv;

    static const char *const own[] = {"self", "thread-self"};

    for (; !dir->pid && f->pos < first + ARRAY_SIZE(own); f->pos++) {
        const char *name = own[f->pos - first];
        if (!sink->emit(sink, name, strlen(name), LINK_INO(0, f->pos - first),
                        S_IFLNK, f->pos + 1))
            return false;
    }
    for (; dir->pid && f->pos < first + LINK_COUNT; f->pos++) {
        u32 i = (u32)(f->pos - first);
        if (i == LINK_TASK_DIR && dir->task)
            continue;
        if (!sink->emit(sink, names[i], strlen(names[i]), LINK_INO(dir->pid, i),
                        is_dir(i) ? S_IFDIR : S_IFLNK, f->pos + 1))
            return false;
    }
    return true;
}
