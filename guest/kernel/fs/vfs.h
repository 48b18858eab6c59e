/* SPDX-License-Identifier: MIT */
/* The structures of the file layer, and its interface.
 *
 *   struct file    an open file: position, flags; what a descriptor names
 *   struct dentry  a name in a directory; a path is a chain of parents
 *   struct inode   the file itself; its pages belong to the vm_object in it
 *   struct super   one mounted file system
 *
 * open() walks dentries (fs/namei.c), finds the inode (fs/ext2, tmpfs, proc)
 * and makes a file (fs/file.c). Mappings and read() both take a regular
 * file's data from the inode's vm_object, so there is one copy of each page.
 */
#pragma once

#include "lib/kernel.h"
#include "task/mutex.h"
#include "vm/object.h"
#include "vm/readahead.h"

#include <linux/fcntl.h>
#include <linux/limits.h>
#include <linux/stat.h>

struct proc;
struct super;
struct inode;
struct dentry;
struct file;
struct uio;
struct inode_cache;
struct dir_sink;
struct poll_table;
struct kstatfs;

/* A device number in the kernel: major << 20 | minor (statx has both apart). */
#define MKDEV(ma, mi) ((u32)(ma) << 20 | (u32)(mi))
#define DEV_MAJOR(d)  ((u32)(d) >> 20)
#define DEV_MINOR(d)  ((u32)(d)&0xfffff)
/* Converts a device number to stat's 64-bit form (new_encode_dev). */
static inline u64 dev_encode(u32 dev)
{
    u32 ma = DEV_MAJOR(dev), mi = DEV_MINOR(dev);
    return (mi & 0xff) | (u64)ma << 8 | (u64)(mi & ~0xffu) << 12;
}

struct inode_ops {
    /* Finds name in dir: 0, and *out gets a reference; -ENOENT, -EIO, -ENOMEM.
     * May sleep. */
    int (*lookup)(struct inode *dir, const char *name, size_t len,
                  struct inode **out);
    int (*create)(struct inode *dir, struct dentry *d, u32 mode, u32 rdev);
    int (*symlink)(struct inode *dir, struct dentry *d, const char *target);
    int (*link)(struct inode *dir, struct dentry *d, struct inode *inode);
    int (*unlink)(struct inode *dir, struct dentry *d);
    int (*rmdir)(struct inode *dir, struct dentry *d);
    int (*rename)(struct inode *from_dir, struct dentry *from,
                  struct inode *to_dir, struct dentry *to);
    /* Stores the target without NUL; returns length or -errno. May sleep. */
    int (*readlink)(struct inode *inode, char *buf, size_t n);
    /* Instead of readlink: the target of a magic link (/proc/PID/exe, fd/N).
     * *out gets a reference. */
    int (*follow)(struct inode *inode, struct dentry **out);
    /* Sets the size, but no times. => inode->lock held */
    int (*truncate)(struct inode *inode, u64 size);
    /* Allocates space for bytes [from, to); grow: also extends the file. */
    int (*allocate)(struct inode *inode, u64 from, u64 to, bool grow);
};

/* file_ops.flags */
#define FILE_PAGES  1u  /* data are the pages of the inode's object */
#define FILE_ZERO   2u  /* a mapping of it is anonymous memory */
#define FILE_DEVICE 8u  /* a mapping reaches the device, not frames */
#define FILE_STREAM 4u  /* has no position: lseek returns ESPIPE */
#define FILE_SENT   16u /* sendfile reads it, though it has no pages */

struct file_ops {
    u32 flags;
    int (*open)(struct file *f);
    void (*release)(struct file *f);
    /* => bytes moved, 0 at end of file, -errno. May sleep. *pos moves. */
    s64 (*read)(struct file *f, struct uio *u, u64 *pos);
    s64 (*write)(struct file *f, struct uio *u, u64 *pos);
    /* Calls emit() for each entry, until false; f->pos: directory cookie. */
    int (*readdir)(struct file *f, struct dir_sink *sink);
    /* Returns the POLL* bits that hold now; adds the file's wait queues
     * to pt (fs/poll.h). */
    u32 (*poll)(struct file *f, struct poll_table *pt);
    s64 (*ioctl)(struct file *f, u32 cmd, u64 arg);
    s64 (*llseek)(struct file *f, s64 off, int whence);
    /* Returns the list of files whose owners get signals (fs/async.h). */
    struct list *(*async)(struct file *f);
};

/* The receiver of readdir's entries, for getdents64: emit returns false when
 * its buffer is full. next is the file position of the entry after this one. */
struct dir_sink {
    bool (*emit)(struct dir_sink *sink, const char *name, size_t len, u64 ino,
                 u32 mode, u64 next);
};

struct super_ops {
    /* Called when the inode leaves memory, after its pages: frees priv and, if
     * the inode has no name left, its space on the disk. */
    void (*evict)(struct inode *inode);
    /* Writes the inode itself to the buffer cache, and clears inode->dirty.
     * => may sleep, but not between the two */
    int (*write_inode)(struct inode *inode);
    /* Writes everything to the disk. => sleeps */
    int (*sync)(struct super *sb);
    /* Returns the error of any file's metadata that no syncfs has reported. */
    int (*late_error)(struct super *sb);
    /* Writes everything, marks the disk clean, ends writing. => sleeps */
    void (*shutdown)(struct super *sb);
    void (*statfs)(struct super *sb, struct kstatfs *out);
    void (*unmount)(struct super *sb); /* => no references are left */
};

struct kstatfs {
    u64 type, bsize, blocks, bfree, bavail, files, ffree;
    u64 namelen, flags;
};

#define SB_RDONLY  1u       /* as MS_RDONLY */
#define SB_NOSUID  2u       /* as MS_NOSUID: no effect, exec never sets ids */
#define SB_NODEV   4u       /* as MS_NODEV: its devices cannot be opened */
#define SB_NOEXEC  8u       /* as MS_NOEXEC: its files cannot be run */
#define SB_OPTIONS 15u      /* the flags that mount sets */
#define SB_NOWRITE 0x20000u /* it cannot be made writable */
#define SB_NOCACHE 0x10000u /* names change by themselves: cache none */

struct super {
    struct list link; /* all mounted file systems, in mount order */
    const char *type; /* "ext2", "tmpfs", "proc" */
    char source[32];  /* first column of /proc/mounts */
    const struct super_ops *ops;
    struct inode_cache *icache; /* the cache for its type */
    struct dentry *root;        /* holds a reference */
    struct dentry *covers;      /* its mount point (a reference), or NULL */
    u32 dev;                    /* st_dev */
    u32 flags;                  /* SB_* */
    u32 magic;                  /* statfs f_type */
    u32 block_size;
    u32 dentries;       /* in memory: 1 when only the root is left */
    struct list pinned; /* names that the file system itself holds */
    u64 inodes;         /* tmpfs: inodes and further names of them */
    u32 writers;        /* regular files open for writing */
    u64 size_max;       /* the largest size and position of a file */
    u32 evicting;       /* inodes in inode_empty() */
    u32 leaving;        /* idle inodes being written before eviction */
    bool whole_seconds; /* it stores and shows no nanoseconds */
    s64 last_time;      /* latest time it can store, in s; 0: any */
    u64 next_ino;       /* for file systems without inode numbers */
    struct mutex names; /* held to look up, make and remove names */
    void *priv;
};

struct inode {
    struct vm_object obj; /* pages and length (obj.size) */
    struct list hash;     /* by (super, ino); empty: not in the cache */
    struct list lru;      /* refs 0: in the idle list or the reuse list */
    bool loading;         /* being read: wait (fs/icache.c) */
    u32 records;          /* number of record locks on it (fs/record_lock.c) */
    struct super *sb;
    u64 ino;
    u32 mode, nlink, uid, gid;
    u32 rdev;
    u32 refs;      /* dentries, files and mappings that hold it */
    u32 runners;   /* processes that run it or begin to: no writing */
    u32 writers;   /* files open for writing: it may not be run */
    u32 held;      /* how many of refs write-back holds */
    bool linkable; /* an O_TMPFILE file that may still be given a name */
    u64 blocks;    /* 512-byte units */
    struct ktime atime, mtime, ctime;
    struct list dirty_link; /* all dirty inodes, oldest first (fs/sync.c) */
    u64 dirtied_ns;         /* when it was put on that list */
    bool dying;             /* inode_empty() removes it from memory */
    bool dirty;             /* the inode itself, apart from its pages */
    struct mutex lock;      /* held to write and truncate the data */
    const struct inode_ops *ops;
    const struct file_ops *fops;
    void *priv;        /* for the file system */
    struct pipe *pipe; /* of a FIFO that is open (fs/pipe.c) */
};

struct dentry {
    struct list hash;      /* empty: not in the name cache */
    struct list lru;       /* in the list of idle dentries while refs is 0; if
                            * pinned: in its directory's list (tmpfs) */
    struct list pinned;    /* in super.pinned, or empty */
    u64 place;             /* pinned: its position in a listing */
    struct dentry *parent; /* holds a reference; itself at a root */
    struct inode *inode;   /* holds a reference; NULL: no such file */
    struct super *sb;
    struct super *mounted; /* file system mounted here, or NULL */
    u32 refs;
    u32 namelen;
    char *name;     /* NUL-terminated; in `small`, or from kmalloc */
    char small[24]; /* a short name */
};

struct file {
    u32 refs;
    u32 flags; /* O_* as fcntl(F_GETFL) shows them */
    u64 pos;
    struct mutex at_pos; /* held to use and change pos */
    struct dentry *dentry;
    struct inode *inode;
    const struct file_ops *ops;
    struct readahead ra;
    void *priv;
    struct file_owner *owner; /* fs/async.h; NULL: never set */
    u32 errors_told;          /* errors of write-backs: object_sync */
    bool claims;              /* a disk that was opened with O_EXCL */
};
/* Open mode 3 allows neither; Linux has it for ioctl alone. */
static inline bool file_readable(const struct file *f)
{
    return !(f->flags & O_PATH) && ((f->flags & O_ACCMODE) + 1) & 1;
}
static inline bool file_writable(const struct file *f)
{
    return !(f->flags & O_PATH) && ((f->flags & O_ACCMODE) + 1) & 2;
}

/* fs/super.c. */
int vfs_init(void); /* => process context; panics if root cannot be mounted */
/* Returns the file system after sb; the first for NULL; NULL after the last. */
struct super *super_next(struct super *sb);
int vfs_sync(void); /* all disks. => sleeps, and keeps mount and umount out */
/* Writes everything to the disk and ends all writing, before power-off. */
void vfs_shutdown(void);
void vfs_drop_unused(void); /* unused names and clean inodes. => sleeps */

/* fs/sync.c. */
/* Called after a change of a field of the inode. => does not sleep */
void inode_dirty(struct inode *inode);
/* Set mtime and ctime, or only ctime, and mark the inode dirty. */
void inode_touch(struct inode *inode);
void inode_touch_ctime(struct inode *inode);
int file_sync(struct file *f); /* its pages and all metadata */
void flushd_start(void);       /* the write-back daemon */

/* fs/open.c, fs/file.c. The kernel itself opens and reads (exec, swapon, core
 * dumps): path and buffer lie in kernel memory. => vfs_open, vfs_open_exec and
 * file_pread may sleep; -errno on failure; *out is a new reference. */
int vfs_open(const char *path, u32 flags, u32 mode, struct file **out);
/* Opens a program: an executable regular file; base and lookup as for
 * path_lookup. The caller must end *out with file_run_end. */
int vfs_open_exec(struct dentry *base, const char *path, u32 lookup,
                  struct file **out);
s64 file_pread(struct file *f, void *kbuf, size_t n, u64 off);
struct file *file_get(struct file *f);
/* As file_get and file_put, for a program that a process runs, or is about to:
 * nobody may open it for writing (ETXTBSY). */
struct file *file_run(struct file *f);
void file_run_end(struct file *f);
void file_put(struct file *f); /* => may sleep; the last put closes */
/* Lock f's position, which processes may share, for a read, write, listing or
 * seek of a regular file or directory (POSIX; Linux: f_pos_lock). 0, or -EINTR
 * if a signal is about to kill the caller. => sleeps */
int file_pos_take(struct file *f);
void file_pos_give(struct file *f);
/* Stores the absolute path in buf, always terminated; returns its start in buf.
 * Without a path: Linux's name, "pipe:[12]"; path too long: "(too long)". */
char *file_path(struct file *f, char *buf, size_t n);
/* For mmap: sets *obj to the object of the pages, NULL for anonymous memory
 * (/dev/zero) and devices; the mapping must hold a reference to f. -ENODEV:
 * cannot be mapped; -EINVAL: a device, without VMA_SHARED. -EACCES: the open
 * mode forbids vma_flags. -EPERM: VMA_X on a noexec file system. */
int file_mmap(struct file *f, u32 vma_flags, struct vm_object **obj);

/* fs/fdtable.c: descriptor tables and working directories of processes.
 * files_init_proc gives the first process an empty table and the root
 * directory. The fork functions return 0, or -ENOMEM and leave child without a
 * table; share is CLONE_FILES / CLONE_FS. The exit functions may sleep. */
int files_init_proc(struct proc *p);
int files_fork(struct proc *child, struct proc *parent, bool share);
void files_exit(struct proc *p);
void files_exec_cloexec(struct proc *p);
int fsctx_fork(struct proc *child, struct proc *parent, bool share);
void fsctx_exit(struct proc *p);
struct file *fd_get(u32 fd);     /* of current: new reference, NULL if closed */
struct file *fd_content(u32 fd); /* NULL, too, if it was opened with O_PATH */
int fd_install(struct file *f, u32 min, bool cloexec); /* takes reference */
