/* SPDX-License-Identifier: MIT */
/* Serves most of /proc/sys, and the rows PRINT and NUMBER of files.def. */
#include "fs/proc/procfs.h"

#include "arch/fdt.h"
#include "fs/dcache.h"
#include "fs/file.h"
#include "fs/icache.h"
#include "lib/tunable.h"
#include "proc/oom.h"
#include "sys/uts.h"
#include "vm/seam.h"
#include "vm/shm.h"

/* Defines show_ and write_ functions for rows of one line or one number. */
#define TEXT(id, path, mode)
#define TEXT_RW(id, path, mode)
#define WRITE(id, path, mode)
#define PRINT(id, path, mode, ...)                                             \
    void show_##id(struct seq *s)                                              \
    {                                                                          \
        seq_printf(s, __VA_ARGS__);                                            \
    }
#define PRINT_RW(id, path, mode, ...) PRINT(id, path, mode, __VA_ARGS__)
#define NUMBER(id, path, mode, format, variable, least, most)                  \
    PRINT(id, path, mode, format, variable)                                    \
    int write_##id(struct seq *s, const char *text, size_t n)                  \
    {                                                                          \
        s64 v;                                                                 \
        int err = text_number(text, least, most, &v);                          \
        (void)s, (void)n;                                                      \
        if (!err)                                                              \
            variable = (typeof(variable))v;                                    \
        return err;                                                            \
    }
#include "fs/proc/files.def"

void show_uuid(struct seq *s)
{
    u8 b[16];

    random_bytes(b, sizeof(b));
    b[6] = (b[6] & 0x0f) | 0x40; /* version 4, RFC 9562 */
    b[8] = (b[8] & 0x3f) | 0x80;
    for (u32 i = 0; i < sizeof(b); i++)
        seq_printf(s, "%s%02x", i >= 4 && i <= 10 && i % 2 == 0 ? "-" : "",
                   b[i]);
    seq_printf(s, "\n");
}

/* Prints for each kind of file system its inode cache: structures, active, idle
 * and blank ones, the limit, and the largest number of idle ones so far. */
void show_inode_caches(struct seq *s)
{
    struct inode_cache *c;

    seq_printf(s, "type existing active idle blank size most_idle\n");
    for (u32 i = 0; (c = inode_cache_at(i)); i++)
        seq_printf(s, "%s %u %u %u %u %u %u\n", c->type, c->existing,
                   c->existing - c->nidle - c->nblank, c->nidle, c->nblank,
                   inode_limit(), c->most_idle);
}

char tunable_path[TUN_COUNT][TUNABLE_PATH_MAX];

void tunable_paths_init(void)
{
    for (u32 i = 0; i < TUN_COUNT; i++) {
        snprintf(tunable_path[i], TUNABLE_PATH_MAX, "sys/%s", tunables[i].name);
        for (char *p = tunable_path[i]; *p; p++)
            *p = *p == '.' ? '/' : *p;
    }
}

void show_tunable(struct seq *s)
{
    seq_printf(s, "%ld\n", tun(s->file->tunable));
}

int write_tunable(struct seq *s, const char *text, size_t n)
{
    enum tunable id = s->file->tunable;
    s64 before = tun(id), v;
    int err = text_number(text, INT64_MIN, INT64_MAX, &v);

    if (!err)
        err = tunable_set(id, v);
    if (err || marks_accept(id)) /* computes the marks again */
        return err;
    tunable_set(id, before);
    compute_marks();
    return -EINVAL;
}
