/* SPDX-License-Identifier: MIT */
/* Arguments of execve on their way from one address space to the next. */
#ifndef PROC_EXEC_H
#define PROC_EXEC_H

#include "lib/kernel.h"

#define EXEC_STRINGS_MAX (128ul << 10) /* argv; as much again for envp */
#define EXEC_STRING_MAX  (64ul << 10)
#define EXEC_PATH_MAX    1024

struct exec_strings {
    size_t count, bytes;
    char *page[EXEC_STRINGS_MAX / PAGE_SIZE];
};

struct dentry;
struct exec_args {            /* kmalloc'ed: too big for a stack */
    char path[EXEC_PATH_MAX]; /* as the program hears of it */
    struct dentry *base;      /* execveat: what file is relative to, or NULL;
                               * holds a reference */
    const char *file;         /* the part of path that is looked up */
    u32 lookup;               /* how: LOOKUP_* */
    bool fd_closes;           /* path names a descriptor that exec closes */
    struct exec_strings argv, envp;
};

/* -E2BIG, -ENOMEM. */
int strings_add(struct exec_strings *s, const char *str);
void strings_free(struct exec_strings *s);
void exec_args_free(struct exec_args *a);

/* Replaces the program of the running process; frees a in any case. Does not
 * return to the caller's program when 0. => sleeps */
int exec_run(struct exec_args *a);

#endif
