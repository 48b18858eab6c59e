/* SPDX-License-Identifier: MIT */
/* The tree of /proc, and the text of its files.
 *
 * A directory is a prefix of paths in its table; a lookup or a listing uses the
 * rest of each path. Nothing is cached: every lookup makes an inode that is
 * freed with its last user. */
#include "fs/proc/node.h"

#include "fs/dcache.h"
#include "fs/file.h"
#include "fs/fstypes.h"
#include "fs/uio.h"
#include "proc/proc.h"
#include "vm/space.h"

#define PROC_MAGIC      0x9fa0
#define ROOT_INO        1
#define PID_INO(pid, n) ((u64)(pid) << 16 | (n))

#define PROC_FILE(path, show, mode)           {path, show, NULL, mode},
#define PROC_FILE_RW(path, show, write, mode) {path, show, write, mode},
static const struct proc_file system_files[] = {
#include "fs/proc/files.def"
#define TUNABLE(id, name, preset, min, max, unit, origin)                      \
    {tunable_path[TUN_##id], show_tunable_##id, write_tunable_##id, 0644},
#include "abi/tunables.def"
#undef TUNABLE
};
static const struct proc_file pid_files[] = {
#include "fs/proc/pid_files.def"
};
#undef PROC_FILE
#undef PROC_FILE_RW

static const struct inode_ops dir_inode_ops, file_inode_ops;
static const struct file_ops dir_ops, text_ops;

struct inode *proc_inode(struct super *sb, const struct node *node, u32 mode,
                         u64 ino)
{
    struct node *copy = kmalloc(sizeof(*copy));
    struct inode *inode = copy ? inode_alloc(sb, mode) : NULL;

    if (!inode) {
        kfree(copy);
        return NULL;
    }
    *copy = *node;
    inode->priv = copy;
    inode->ino = ino;
    inode->uid = inode->gid = 0;
    struct proc *p = node->pid ? proc_find(node->pid) : NULL;
    /* As in Linux, what a process hides is root's, except directories that all
     * may read, and fd/ for the process itself. */
    if (p && (!p->space || p->space->dumpable || mode == (S_IFDIR | 0555) ||
              (S_ISDIR(mode) && p->leader == current->leader))) {
        inode->uid = p->euid;
        inode->gid = p->egid;
    }
    return inode;
}

static const struct proc_file *table(const struct node *n, size_t *rows)
{
    *rows = n->pid ? ARRAY_SIZE(pid_files) : ARRAY_SIZE(system_files);
    return n->pid ? pid_files : system_files;
}

/* The part of path behind the directory's prefix, or NULL. */
static const char *below(const struct node *dir, const char *path)
{
    size_t n = strlen(dir->prefix);

    return strncmp(path, dir->prefix, n) == 0 ? path + n : NULL;
}

/* Length of the first component. */
static size_t component(const char *path)
{
    const char *slash = strchr(path, '/');

    return slash ? (size_t)(slash - path) : strlen(path);
}

/* Looks up a file or directory of the table. */
static int lookup_table(struct inode *in, const char *name, size_t len,
                        struct inode **out)
{
    struct node *dir = in->priv;
    struct node node = {.pid = dir->pid, .task = dir->task};
    size_t rows, at = strlen(dir->prefix);
    const struct proc_file *files = table(dir, &rows);

    for (size_t i = 0; i < rows; i++) {
        const char *path = files[i].path, *rest = path + at;
        if ((at && strncmp(path, dir->prefix, at)) || rest[0] != name[0] ||
            strncmp(rest, name, len) || (rest[len] && rest[len] != '/'))
            continue;
        u64 ino = PID_INO(dir->pid, 16 + i * 2);
        bool directory = rest[len] == '/';
        if (directory)
            snprintf(node.prefix, sizeof(node.prefix), "%s%.*s/", dir->prefix,
                     (int)len, name);
        else
            node.file = &files[i];
        *out = proc_inode(in->sb, &node,
                          directory ? S_IFDIR | 0555
                                    : S_IFREG | (files[i].mode & 0777),
                          ino + directory);
        if (!*out)
            return -ENOMEM;
        (*out)->ops = directory ? &dir_inode_ops : &file_inode_ops;
        (*out)->fops = directory ? &dir_ops : &text_ops;
        (*out)->nlink = directory ? 2 : 1;
        return 0;
    }
    return -ENOENT;
}

u32 proc_number(const char *name, size_t len)
{
    u32 n = 0;

    if (len == 0 || len > 6 || (name[0] == '0' && len > 1))
        return ~0u;
    for (size_t i = 0; i < len; i++) {
        if (name[i] < '0' || name[i] > '9')
            return ~0u;
        n = n * 10 + (u32)(name[i] - '0');
    }
    return n;
}

int proc_lookup_pid(struct inode *in, u32 pid, bool task, struct inode **out)
{
    struct node node = {.pid = pid, .task = task};

    if (pid == 0 || !proc_find(pid))
        return -ENOENT;
    *out = proc_inode(in->sb, &node, S_IFDIR | 0555, PID_INO(pid, ROOT_INO));
    if (!*out)
        return -ENOMEM;
    (*out)->ops = &dir_inode_ops;
    (*out)->fops = &dir_ops;
    (*out)->nlink = 3;
    return 0;
}

/* Looks up a process, in the root directory. -ENOENT: there is none. */
static int lookup_process(struct inode *in, const char *name, size_t len,
                          struct inode **out)
{
    if (len == 4 && memcmp(name, "self", 4) == 0)
        return proc_self_lookup(in, false, out);
    if (len == 11 && memcmp(name, "thread-self", 11) == 0)
        return proc_self_lookup(in, true, out);
    u32 pid = proc_number(name, len);
    return pid == ~0u ? -ENOENT : proc_lookup_pid(in, pid, false, out);
}

static int procfs_lookup(struct inode *in, const char *name, size_t len,
                         struct inode **out)
{
    struct node *dir = in->priv;
    int err = -ENOENT;

    if (!dir->pid && !dir->prefix[0])
        err = lookup_process(in, name, len, out);
    if (err == -ENOENT)
        err = lookup_table(in, name, len, out);
    if (err == -ENOENT && dir->pid && !dir->prefix[0] && proc_find(dir->pid))
        err = proc_link_lookup(in, name, len, out);
    return err;
}

/* ---- listing --------------------------------------------------------------
 * Positions: 0 ".", 1 "..", then table rows, then links, then processes. */
#define FIRST_ROW  2
#define FIRST_LINK 1000
#define FIRST_PID  2000

/* True if an earlier row has the same first component (a directory with several
 * files). */
static bool seen_before(const struct node *dir, const struct proc_file *files,
                        size_t i, const char *rest, size_t len)
{
    for (size_t k = 0; k < i; k++) {
        const char *other = below(dir, files[k].path);
        if (other && component(other) == len && memcmp(other, rest, len) == 0)
            return true;
    }
    return false;
}

static bool list_rows(struct file *f, struct dir_sink *sink)
{
    struct node *dir = f->inode->priv;
    size_t rows;
    const struct proc_file *files = table(dir, &rows);

    for (size_t i = f->pos - FIRST_ROW; i < rows; i++) {
        const char *rest = below(dir, files[i].path);
        size_t len = rest ? component(rest) : 0;
        bool directory = rest && rest[len] == '/';
        u64 next = FIRST_ROW + i + 1;
        if (rest && !seen_before(dir, files, i, rest, len) &&
            !sink->emit(sink, rest, len, PID_INO(dir->pid, 16 + i * 2),
                        directory ? S_IFDIR : S_IFREG, next))
            return false;
        f->pos = next;
    }
    f->pos = FIRST_LINK;
    return true;
}

static bool list_pids(struct file *f, struct dir_sink *sink)
{
    struct proc *p;
    char name[12];

    while ((p = proc_after((u32)(f->pos - FIRST_PID)))) {
        u32 pid = p->lens.pid;
        int len = snprintf(name, sizeof(name), "%u", pid);
        if (!sink->emit(sink, name, (size_t)len, PID_INO(pid, ROOT_INO),
                        S_IFDIR, FIRST_PID + pid))
            return false;
        f->pos = FIRST_PID + pid;
    }
    return true;
}

static int procfs_readdir(struct file *f, struct dir_sink *sink)
{
    struct node *dir = f->inode->priv;

    if (dir->pid && !proc_find(dir->pid))
        return 0;
    for (; f->pos < FIRST_ROW; f->pos++)
        if (!sink->emit(sink, "..", 1 + f->pos, f->inode->ino, S_IFDIR,
                        f->pos + 1))
            return 0;
    if (f->pos < FIRST_LINK && !list_rows(f, sink))
        return 0;
    if (f->pos < FIRST_PID && !dir->prefix[0]) {
        if (!proc_list_links(f, sink, FIRST_LINK))
            return 0;
        f->pos = FIRST_PID;
    }
    if (!dir->pid && !dir->prefix[0])
        list_pids(f, sink);
    return 0;
}

/* ---- text ------------------------------------------------------------------
 * Each read at position 0 makes the text; reads at other positions use it. */
static bool hidden(const struct node *node, const struct proc *p)
{
    return p && (node->file->mode & PROC_PRIVATE) && !proc_may_look(p);
}

static int make_text(struct file *f)
{
    struct node *node = f->inode->priv;
    struct proc *p = node->pid ? proc_find(node->pid) : NULL;
    struct seq *s = f->priv;

    if (node->pid && !p)
        return -ESRCH;
    s->len = 0;
    s->task = node->task;
    s->failed = false;
    if (hidden(node, p))
        return -EACCES;
    int err = node->file->show(s, p);
    return err ? err : s->failed ? -ENOMEM : 0;
}

static int text_open(struct file *f)
{
    const struct node *node = f->inode->priv;
    struct seq *s = kzalloc(sizeof(*s));

    if (!s || hidden(node, node->pid ? proc_find(node->pid) : NULL)) {
        kfree(s);
        return s ? -EACCES : -ENOMEM;
    }
    mutex_init(&s->lock);
    f->priv = s;
    return 0;
}

static void text_release(struct file *f)
{
    struct seq *s = f->priv;

    kfree(s->text);
    kfree(s);
}

static s64 text_read(struct file *f, struct uio *u, u64 *pos)
{
    struct seq *s = f->priv;
    u64 total = u->left;
    int err = mutex_lock_killable(&s->lock);

    if (err)
        return err;
    if (*pos == 0 || !s->text)
        err = make_text(f);
    if (!err && *pos < s->len)
        err = uio_put(u, s->text + *pos, MIN(s->len - *pos, total));
    *pos += total - u->left;
    mutex_unlock(&s->lock);
    return uio_result(u, total, err);
}

static s64 text_write(struct file *f, struct uio *u, u64 *pos)
{
    struct node *node = f->inode->priv;
    char text[128];
    u64 n = u->left;

    (void)pos;
    if (!node->file->write || n >= sizeof(text))
        return -EINVAL;
    int err = uio_get(u, text, n);
    if (err)
        return err;
    text[n] = '\0';
    struct proc *p = node->pid ? proc_find(node->pid) : NULL;
    if (node->pid && !p)
        return -ESRCH;
    err = node->file->write(p, text, n);
    return err ? err : (s64)n;
}

static const struct inode_ops dir_inode_ops = {.lookup = procfs_lookup};
static int keep_size(struct inode *inode, u64 size)
{
    (void)inode, (void)size; /* open(O_TRUNC) by a shell's ">" */
    return 0;
}
static const struct inode_ops file_inode_ops = {.truncate = keep_size};
static const struct file_ops dir_ops = {.readdir = procfs_readdir,
                                        .llseek = pages_llseek};
static const struct file_ops text_ops = {.open = text_open,
                                         .release = text_release,
                                         .read = text_read,
                                         .write = text_write,
                                         .llseek = pages_llseek};

static void procfs_evict(struct inode *inode)
{
    kfree(inode->priv);
}

static const struct super_ops super_ops = {.evict = procfs_evict};

int procfs_fill(struct super *sb, const char *source)
{
    struct node root = {0};

    (void)source;
    tunable_paths_init();
    sb->flags |= SB_NOCACHE;
    sb->magic = PROC_MAGIC;
    sb->ops = &super_ops;
    struct inode *inode = proc_inode(sb, &root, S_IFDIR | 0555, ROOT_INO);
    if (inode) {
        inode->ops = &dir_inode_ops;
        inode->fops = &dir_ops;
    }
    return super_set_root(sb, inode);
}
