/* SPDX-License-Identifier: MIT */
/* /proc: text that is made when it is read. Two tables define the tree:
 * files.def (the system) and pid_files.def (each process). */
#ifndef FS_PROC_PROCFS_H
#define FS_PROC_PROCFS_H

#include "abi/abi.h"
#include "fs/vfs.h"

struct proc;

/* Growing text. `failed` is set when out of memory. */
struct seq {
    char *text;
    size_t len, room;
    bool failed;
    bool task;         /* below task/: about this task, not its process */
    struct mutex lock; /* held to make the text and to read it */
};
void seq_printf(struct seq *s, const char *fmt, ...) __printf(2, 3);
void seq_write(struct seq *s, const void *bytes, size_t n);
/* Parses one decimal number of at most `most`; a newline may follow. 0,
 * -EINVAL. */
int text_number(const char *text, size_t n, u64 most, u64 *out);

/* One file: show prints its text; write, if any, handles a write. p is the
 * process (NULL for a file of the system). 0 or -errno. show must not use p
 * after sleeping. */
struct proc_file {
    const char *path; /* below /proc or /proc/PID, "sys/kernel/osrelease" */
    int (*show)(struct seq *s, struct proc *p);
    int (*write)(struct proc *p, const char *text, size_t n);
    u32 mode; /* rights, PROC_PRIVATE */
};
#define PROC_PRIVATE 0x10000u /* only for those who may look at the process */

#define PROC_FILE(path, show, mode) int show(struct seq *, struct proc *);
#define PROC_FILE_RW(path, show, write, mode)                                  \
    int show(struct seq *, struct proc *);                                     \
    int write(struct proc *, const char *, size_t);
#include "fs/proc/files.def"
#include "fs/proc/pid_files.def"
#undef PROC_FILE
#undef PROC_FILE_RW

/* sysctl.c: /proc/sys/NAME for every tunable, its dots as slashes. The paths
 * are made at start-up. */
#define TUNABLE_PATH_MAX 44 /* "sys/" and its name (abi) */
extern char tunable_path[TUN_COUNT][TUNABLE_PATH_MAX];
void tunable_paths_init(void);
#define TUNABLE(id, name, preset, min, max, unit, origin)                      \
    int show_tunable_##id(struct seq *, struct proc *);                        \
    int write_tunable_##id(struct proc *, const char *, size_t);
#include "abi/tunables.def"
#undef TUNABLE

char proc_state_letter(struct proc *p);

#endif
