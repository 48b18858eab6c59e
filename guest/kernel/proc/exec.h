/* SPDX-License-Identifier: MIT */
/* Arguments of execve, kept by the kernel between the old address space and the
 * new one. */
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
    char path[EXEC_PATH_MAX]; /* as shown to the program */
    struct dentry *base; /* execveat: the directory that file is relative to,
                          * or NULL; holds a reference */
    const char *file;    /* the part of path that is looked up */
    u32 lookup;          /* how: LOOKUP_* */
    bool fd_closes;      /* path names a descriptor that exec closes */
    struct exec_strings argv, envp;
};

/* -E2BIG, -ENOMEM. */
int strings_add(struct exec_strings *s, const char *str);
void strings_free(struct exec_strings *s);
void exec_args_free(struct exec_args *a);

/* Replaces the program of the running process; frees a in any case. After 0 the
 * old program is gone: the next return to user mode starts the new one.
 * => sleeps */
int exec_run(struct exec_args *a);

#endif
