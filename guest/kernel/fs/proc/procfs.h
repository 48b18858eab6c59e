/* SPDX-License-Identifier: MIT */
/* /proc: text that is made when it is read. files.def defines the tree. */
#pragma once

#include "abi/abi.h"
#include "fs/vfs.h"

struct proc;
struct proc_file;

/* A file of /proc that is read or written, and the part of its text that is
 * read now. Most texts have one part. A show for a long one begins at `at` (0
 * first), ends its part when len passes SEQ_PART, and sets `next`. */
struct seq {
    char *text;
    size_t len, room, wanted; /* wanted: the room that kmalloc has refused */
    u64 start;                /* the part's place in the file */
    u64 at, next;             /* of this part, of the next one (0: none) */
    int err;                  /* -errno: the text is not valid */
    const struct proc_file *file;
    struct proc *p; /* NULL for a file of the system. => invalid after sleep */
    bool task;      /* below task/: about this task, not its process */
    struct mutex lock; /* held to make the text and to read it */
};
#define SEQ_PART (PAGE_SIZE / 2)
void seq_printf(struct seq *s, const char *fmt, ...) __printf(2, 3);
void seq_write(struct seq *s, const void *bytes, size_t n);
/* Writes text, with each byte that is in `bytes` as \ooo, and then `end`. */
void seq_escape(struct seq *s, const char *text, const char *bytes, char end);
/* After a show has failed for lack of room: waits until there is. False: there
 * will not be. => sleeps */
bool seq_wait(struct seq *s);
/* Parses one decimal number from `least` to `most` (a u64, since some files
 * allow ~0ul); blanks and a newline may follow. 0, -EINVAL. => least <= 0 */
int text_number(const char *text, s64 least, u64 most, s64 *out);

/* One row of files.def. */
struct proc_file {
    const char *path; /* below /proc or /proc/PID, as "sys/kernel/osrelease" */
    u32 mode;         /* kind and rights, PROC_PRIVATE */
    const struct inode_ops *ops;
    const struct file_ops *fops;
    void (*show)(struct seq *s); /* NULL: empty */
    /* Handles one write; the text ends with a NUL. 0 or -errno. */
    int (*write)(struct seq *s, const char *text, size_t n);
    u32 tunable; /* enum tunable, in rows of tunables */
};
#define PROC_PRIVATE (1u << 31) /* readable only if proc_may_look(process) */

#define TEXT(id, path, mode)    void show_##id(struct seq *);
#define TEXT_RW(id, path, mode) TEXT(id, path, mode) WRITE(id, path, mode)
#define WRITE(id, path, mode)                                                  \
    int write_##id(struct seq *, const char *, size_t);
#define LINK(id, path, mode) extern const struct inode_ops link_##id;
#define DIR(id, path, mode)                                                    \
    extern const struct inode_ops in_##id;                                     \
    extern const struct file_ops dir_##id;
#include "fs/proc/files.def"

/* sysctl.c: /proc/sys/NAME for every tunable, its dots as slashes. The paths
 * are made at start-up. */
#define TUNABLE_PATH_MAX 44 /* "sys/" and lens_tunable.name */
extern char tunable_path[TUN_COUNT][TUNABLE_PATH_MAX];
void tunable_paths_init(void);
void show_tunable(struct seq *s);
int write_tunable(struct seq *s, const char *text, size_t n);

char proc_state_letter(struct proc *p);
