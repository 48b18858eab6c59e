/* SPDX-License-Identifier: MIT */
/* Serves the tree of /proc, and the text of its files.
 *
 * A directory is a prefix of paths in its table; a lookup or a listing uses the
 * rest of each path. Nothing is cached: every lookup makes an inode that is
 * freed with its last user. */
#include "fs/proc/node.h"

#include "fs/dcache.h"
#include "fs/file.h"
#include "fs/fstypes.h"
#include "fs/uio.h"
#include "task/proc.h"
#include "vm/space.h"

#define PROC_MAGIC 0x9fa0
#define ROOT_INO   1

static const struct inode_ops dir_inode_ops, file_inode_ops;
static const struct file_ops dir_ops, text_ops, sent_ops;

#define ROW(name, kind, iops, file_ops, ...)                                   \
    {.path = name, .mode = kind, .ops = iops, .fops = file_ops, __VA_ARGS__},
#define FILE_ROW(name, rights, ...)                                            \
    ROW(name, S_IFREG | (rights), &file_inode_ops, &text_ops, __VA_ARGS__)
#define TEXT(id, name, rights) FILE_ROW(name, rights, .show = show_##id)
#define TEXT_RW(id, name, rights)                                              \
    FILE_ROW(name, rights, .show = show_##id, .write = write_##id)
#define WRITE(id, name, rights) FILE_ROW(name, rights, .write = write_##id)
#define LINK(id, name, rights)  ROW(name, S_IFLNK | (rights), &link_##id, NULL)
#define DIR(id, name, rights)   ROW(name, S_IFDIR | (rights), &in_##id, &dir_##id)
#define TUNABLE(id, name, preset, min, max, unit, origin)                      \
    FILE_ROW(tunable_path[TUN_##id], 0644, .show = show_tunable,               \
             .write = write_tunable, .tunable = TUN_##id)
#define SYSTEM_FILES                                                           \
    }                                                                          \
    , system_files[] = {
static const struct proc_file pid_files[] = {
#include "fs/proc/files.def"
#include "abi/tunables.def"
};
#undef TUNABLE

/* All directories that the paths define have this row. */
static const struct proc_file table_dir = {
    .mode = S_IFDIR | 0555, .ops = &dir_inode_ops, .fops = &dir_ops};

struct proc *node_task(const struct node *node)
{
    struct proc *p = node->pid ? proc_find(node->pid) : NULL;

    return p && p->start_ns == node->since ? p : NULL;
}

int proc_inode(struct super *sb, const struct node *node, u64 ino,
               struct inode **out)
{
    u32 mode = node->file->mode & (S_IFMT | 0777);
    struct node *copy = kmalloc(sizeof(*copy));
    struct inode *inode = copy ? inode_alloc(sb, mode) : NULL;

    if (!inode) {
        kfree(copy);
        return -ENOMEM;
    }
    *copy = *node;
    inode->priv = copy;
    inode->ops = node->file->ops;
    inode->fops = node->file->fops;
    if (inode->fops == &text_ops && !node->pid)
        inode->fops = &sent_ops;
    inode->ino = ino;
    inode->uid = inode->gid = 0;
    struct proc *p = node_task(node);
    /* As in Linux, files of a process that is not dumpable belong to root,
     * except directories that all may read, and fd/ for the process itself. */
    if (p && (!p->space || p->space->dumpable || mode == (S_IFDIR | 0555) ||
              (S_ISDIR(mode) && p->leader == current->leader))) {
        inode->uid = p->euid;
        inode->gid = p->egid;
    }
    *out = inode;
    return 0;
}

static const struct proc_file *table(const struct node *n, size_t *rows)
{
    *rows = n->pid ? ARRAY_SIZE(pid_files) : ARRAY_SIZE(system_files);
    return n->pid ? pid_files : system_files;
}

/* Returns the part of path after the directory's prefix, or NULL. */
static const char *below(const struct node *dir, const char *path)
{
    size_t n = strlen(dir->prefix);

    return strncmp(path, dir->prefix, n) == 0 ? path + n : NULL;
}

static size_t component(const char *path)
{
    const char *slash = strchr(path, '/');

    return slash ? (size_t)(slash - path) : strlen(path);
}

/* A task's directory has no task/. */
static bool absent(const struct node *dir, const struct proc_file *row)
{
    return dir->task && row->fops == &dir_task;
}

/* Looks up a row, or a directory that a row's path defines. */
static int lookup_table(struct inode *in, const char *name, size_t len,
                        struct inode **out)
{
    struct node *dir = in->priv;
    struct node node = {
        .pid = dir->pid, .since = dir->since, .task = dir->task};
    size_t rows, at = strlen(dir->prefix);
    const struct proc_file *files = table(dir, &rows);

    for (size_t i = 0; i < rows; i++) {
        const char *path = files[i].path, *rest = path + at;
        if ((at && strncmp(path, dir->prefix, at)) || rest[0] != name[0] ||
            strncmp(rest, name, len) || (rest[len] && rest[len] != '/'))
            continue;
        u64 ino = PID_INO(dir->pid, 16 + i * 2);
        node.file = &files[i];
        if (!rest[len])
            return absent(dir, node.file) || (!S_ISREG(node.file->mode) &&
                                              dir->pid && !node_task(dir))
                       ? -ENOENT
                       : proc_inode(in->sb, &node, ino, out);
        snprintf(node.prefix, sizeof(node.prefix), "%s%.*s/", dir->prefix,
                 (int)len, name);
        node.file = &table_dir;
        int err = proc_inode(in->sb, &node, ino + 1, out);
        if (!err)
            (*out)->nlink = 2;
        return err;
    }
    return -ENOENT;
}

u32 proc_number(const char *name, size_t len)
{
    u32 n = 0;

    if (len == 0 || len > 7 || (name[0] == '0' && len > 1))
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
    struct node node = {.file = &table_dir, .pid = pid, .task = task};
    const struct proc *p = proc_find(pid);

    if (pid == 0 || !p)
        return -ENOENT;
    node.since = p->start_ns;
    int err = proc_inode(in->sb, &node, PID_INO(pid, ROOT_INO), out);
    if (!err)
        (*out)->nlink = 3;
    return err;
}

static int procfs_lookup(struct inode *in, const char *name, size_t len,
                         struct inode **out)
{
    struct node *dir = in->priv;
    u32 pid = dir->pid || dir->prefix[0] ? ~0u : proc_number(name, len);

    return pid == ~0u ? lookup_table(in, name, len, out)
                      : proc_lookup_pid(in, pid, false, out);
}

/* ---- listing --------------------------------------------------------------
 * Positions: 0 ".", 1 "..", then rows of the table, then processes. */
#define FIRST_PID 2000

bool proc_list_dots(struct file *f, struct dir_sink *sink)
{
    for (; f->pos < FIRST_ROW; f->pos++)
        if (!sink->emit(sink, "..", 1 + f->pos, f->inode->ino, S_IFDIR,
                        f->pos + 1))
            return false;
    return true;
}

bool proc_list_number(struct file *f, struct dir_sink *sink, u32 number,
                      u64 ino, u32 kind, u64 next)
{
    char name[12];
    int len = snprintf(name, sizeof(name), "%u", number);

    if (!sink->emit(sink, name, (size_t)len, ino, kind, next))
        return false;
    f->pos = next;
    return true;
}

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
        u32 kind = rest && rest[len] ? S_IFDIR : files[i].mode & S_IFMT;
        u64 next = FIRST_ROW + i + 1;
        if (rest && !absent(dir, &files[i]) &&
            !seen_before(dir, files, i, rest, len) &&
            !sink->emit(sink, rest, len, PID_INO(dir->pid, 16 + i * 2), kind,
                        next))
            return false;
        f->pos = next;
    }
    f->pos = FIRST_PID;
    return true;
}

static int procfs_readdir(struct file *f, struct dir_sink *sink)
{
    struct node *dir = f->inode->priv;
    struct proc *p;

    if ((dir->pid && !node_task(dir)) || !proc_list_dots(f, sink) ||
        (f->pos < FIRST_PID && !list_rows(f, sink)) || dir->pid ||
        dir->prefix[0])
        return 0;
    while ((p = proc_after((u32)(f->pos - FIRST_PID))))
        if (!proc_list_number(f, sink, p->lens.pid,
                              PID_INO(p->lens.pid, ROOT_INO), S_IFDIR,
                              FIRST_PID + p->lens.pid))
            break;
    return 0;
}

/* ---- text ------------------------------------------------------------------
 * The first read and every read at position 0 make the text; others use it, and
 * make its further parts (Linux 6.12, fs/seq_file.c). */
static bool hidden(const struct seq *s)
{
    return s->p && (s->file->mode & PROC_PRIVATE) && !proc_may_look(s->p);
}

/* Begins a use of the file. -ESRCH: its process is gone. */
static int begin(struct seq *s, const struct file *f)
{
    const struct node *node = f->inode->priv;

    s->file = node->file;
    s->task = node->task;
    s->p = node_task(node);
    return node->pid && !s->p ? -ESRCH : 0;
}

/* Makes the part of the text that begins at `at`. */
static int make_text(struct seq *s, const struct file *f, u64 at)
{
    int err;

    do {
        s->len = 0;
        s->next = s->at = at;
        if ((err = begin(s, f)))
            return err;
        s->next = 0;
        s->err = hidden(s) ? -EACCES : 0;
        if (!s->err && s->file->show)
            s->file->show(s);
    } while (s->err == -ENOMEM && seq_wait(s));
    if (s->err) { /* another read tries again */
        s->len = 0;
        s->next = at;
    }
    return s->err;
}

static int text_open(struct file *f)
{
    struct seq *s = kzalloc(sizeof(*s));

    if (!s)
        return -ENOMEM;
    if (!begin(s, f) && hidden(s)) {
        kfree(s);
        return -EACCES;
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
    if (*pos < s->start || *pos == 0 || !s->text) {
        s->start = 0;
        err = make_text(s, f, 0);
    }
    while (!err) {
        u64 past = *pos - s->start, left = u->left;
        if (past < s->len)
            err = uio_put(u, s->text + past, MIN(s->len - past, left));
        *pos += left - u->left;
        if (err || !u->left || !s->next)
            break;
        s->start += s->len;
        err = make_text(s, f, s->next);
    }
    mutex_unlock(&s->lock);
    return uio_result(u, total, err);
}

static s64 text_write(struct file *f, struct uio *u, u64 *pos)
{
    const struct node *node = f->inode->priv;
    struct seq s = {0};
    char text[128];
    u64 n = u->left;

    if (!node->file->write || n >= sizeof(text))
        return -EINVAL;
    int err = uio_get(u, text, n);
    text[err ? 0 : n] = '\0';
    if (!err && !(err = begin(&s, f)))
        err = s.file->write(&s, text, n);
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
#define TEXT_OPS                                                               \
    .open = text_open, .release = text_release, .read = text_read,             \
    .write = text_write, .llseek = pages_llseek
static const struct file_ops text_ops = {TEXT_OPS};
/* As with Linux, sendfile reads the system's files, but not those of tasks. */
static const struct file_ops sent_ops = {.flags = FILE_SENT, TEXT_OPS};

static void procfs_evict(struct inode *inode)
{
    kfree(inode->priv);
}

static const struct super_ops super_ops = {.evict = procfs_evict};

int procfs_fill(struct super *sb, const char *source)
{
    struct node root = {.file = &table_dir};
    struct inode *inode = NULL;

    tunable_paths_init();
    sb->flags |= SB_NOCACHE;
    sb->magic = PROC_MAGIC;
    sb->ops = &super_ops;
    proc_inode(sb, &root, ROOT_INO, &inode);
    return super_set_root(sb, inode);
}
