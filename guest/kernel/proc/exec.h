/* SPDX-License-Identifier: MIT */
/* Keeps execve's arguments while the new address space replaces the old one. */
#pragma once

#include "lib/kernel.h"

#define EXEC_STRINGS_MAX (6ul << 20) /* of argv and envp (Linux 6.12) */
#define EXEC_STRING_MAX  (128ul << 10)
#define EXEC_PATH_MAX    1024
#define EXEC_FEW_PAGES   32 /* enough for nearly all programs */
#define EXEC_MORE_PAGES  (EXEC_STRINGS_MAX / PAGE_SIZE - EXEC_FEW_PAGES)

/* The strings of argv and then those of envp, contiguous and with their NULs,
 * as they will be on the new stack. They are added from the last to the first,
 * so that a script's interpreter can still replace argv[0]. */
struct exec_strings {
    u64 argc, envc;
    size_t bytes, env_bytes;            /* of all strings; of envp alone */
    size_t room;                        /* bytes that may still be added */
    char *page[EXEC_FEW_PAGES], **more; /* page 0 has the last bytes */
};

struct dentry;
struct exec_args {            /* kmalloc'ed: too big for a stack */
    char path[EXEC_PATH_MAX]; /* as shown to the program */
    struct dentry *base; /* execveat: the directory that file is relative to,
                          * or NULL; holds a reference */
    const char *file;    /* the part of path that is looked up */
    u32 lookup;          /* how: LOOKUP_* */
    bool fd_closes;      /* path names a descriptor that exec closes */
    bool secure;         /* reset_for_exec: AT_SECURE for the program */
    struct exec_strings strings;
};

/* Sets the numbers of strings, before the first is added, and the room for
 * them. -E2BIG. => path is set */
int exec_args_count(struct exec_args *a, u64 argc, u64 envc);
/* Adds str or, if str is NULL, the string at user address `user`; n: its bytes,
 * with the NUL. -E2BIG, -ENOMEM, -EFAULT. => sleeps */
int strings_add(struct exec_strings *s, const char *str, u64 user, size_t n);
void exec_args_free(struct exec_args *a);

/* Replaces the program of the running process; frees `a` in any case. After 0
 * the old program is gone: the next return to user mode starts the new one.
 * => sleeps */
int exec_run(struct exec_args *a);
