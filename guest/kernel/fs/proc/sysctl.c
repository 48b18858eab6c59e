/* SPDX-License-Identifier: MIT */
/* /proc/sys: parameters and names of the kernel. */
#include "fs/proc/procfs.h"

#include "fs/dcache.h"
#include "fs/file.h"
#include "fs/icache.h"
#include "lib/tunable.h"
#include "proc/coredump.h"
#include "proc/proc.h"
#include "sys/uts.h"
#include "vm/seam.h"
#include "vm/shm.h"

#define TEXT(name, text)                                                       \
    int show_##name(struct seq *s, struct proc *p)                             \
    {                                                                          \
        (void)p;                                                               \
        seq_printf(s, "%s\n", text);                                           \
        return 0;                                                              \
    }
#define NUMBER(name, number)                                                   \
    int show_##name(struct seq *s, struct proc *p)                             \
    {                                                                          \
        (void)p;                                                               \
        seq_printf(s, "%lu\n", (u64)(number));                                 \
        return 0;                                                              \
    }

TEXT(ostype, uts.sysname)
TEXT(osrelease, uts.release)
TEXT(kernel_version, uts.version)
TEXT(hostname, uts.nodename)
TEXT(core_pattern, core_pattern)
NUMBER(threads_max, NPROC)
NUMBER(ngroups_max, NGROUPS)
NUMBER(file_max, nframes * 16)
NUMBER(nr_open, NR_OPEN)
NUMBER(zero, 0)

/* Cuts a pattern that is too long, as in Linux; refuses a program ('|'). */
int write_core_pattern(struct proc *p, const char *text, size_t n)
{
    const char *end = memchr(text, '\n', n);

    (void)p;
    n = end ? (size_t)(end - text) : n;
    if (n && *text == '|')
        return -EINVAL;
    n = MIN(n, sizeof(core_pattern) - 1);
    memcpy(core_pattern, text, n);
    core_pattern[n] = '\0';
    return 0;
}

int show_uuid(struct seq *s, struct proc *p)
{
    u8 b[16];

    (void)p;
    random_bytes(b, sizeof(b));
    b[6] = (b[6] & 0x0f) | 0x40; /* version 4, RFC 9562 */
    b[8] = (b[8] & 0x3f) | 0x80;
    for (u32 i = 0; i < sizeof(b); i++)
        seq_printf(s, "%s%02x", i >= 4 && i <= 10 && i % 2 == 0 ? "-" : "",
                   b[i]);
    seq_printf(s, "\n");
    return 0;
}

int show_file_nr(struct seq *s, struct proc *p)
{
    (void)p;
    seq_printf(s, "%u\t0\t%lu\n", file_count(), nframes * 16);
    return 0;
}

int show_inode_nr(struct seq *s, struct proc *p)
{
    u32 all, idle;

    (void)p;
    inode_counts(&all, &idle);
    seq_printf(s, "%u\t%u\n", all, idle);
    return 0;
}

int show_inode_state(struct seq *s, struct proc *p)
{
    u32 all, idle;

    (void)p;
    inode_counts(&all, &idle);
    seq_printf(s, "%u\t%u\t0\t0\t0\t0\t0\n", all, idle);
    return 0;
}

/* The inode cache of each kind of file system: inodes in memory, active, idle
 * and blank ones, the limit, and the largest number of idle ones so far. */
int show_inode_caches(struct seq *s, struct proc *p)
{
    struct inode_cache *c;

    (void)p;
    seq_printf(s, "type existing active idle blank size most_idle\n");
    for (u32 i = 0; (c = inode_cache_at(i)); i++)
        seq_printf(s, "%s %u %u %u %u %u %u\n", c->type, c->existing,
                   c->existing - c->nidle - c->nblank, c->nidle, c->nblank,
                   inode_limit(), c->most_idle);
    return 0;
}

int show_dentry_state(struct seq *s, struct proc *p)
{
    u32 all, idle;

    (void)p;
    dentry_counts(&all, &idle);
    seq_printf(s, "%u\t%u\t45\t0\t0\t0\n", all, idle);
    return 0;
}

/* ---- tunables ------------------------------------------------------------ */

char tunable_path[TUN_COUNT][TUNABLE_PATH_MAX];

void tunable_paths_init(void)
{
    for (u32 i = 0; i < TUN_COUNT; i++) {
        snprintf(tunable_path[i], TUNABLE_PATH_MAX, "sys/%s", tunables[i].name);
        for (char *p = tunable_path[i]; *p; p++)
            *p = *p == '.' ? '/' : *p;
    }
}

static int show_tunable(struct seq *s, enum tunable id)
{
    seq_printf(s, "%ld\n", tun(id));
    return 0;
}

/* Sets the tunable from a decimal number; a newline may follow. */
static int write_tunable(enum tunable id, const char *text)
{
    bool minus = *text == '-';
    const char *p = text + minus;
    s64 v = 0;

    if (*p < '0' || *p > '9')
        return -EINVAL;
    for (; *p >= '0' && *p <= '9'; p++)
        if (__builtin_mul_overflow(v, 10, &v) ||
            __builtin_add_overflow(v, *p - '0', &v))
            return -EINVAL;
    while (*p == '\n' || *p == ' ')
        p++;
    s64 before = tun(id);
    int err = *p ? -EINVAL : tunable_set(id, minus ? -v : v);
    if (err || marks_accept(id)) /* computes the marks again */
        return err;
    tunable_set(id, before);
    compute_marks();
    return -EINVAL;
}

#define TUNABLE(id, name, preset, min, max, unit, origin)                      \
    int show_tunable_##id(struct seq *s, struct proc *p)                       \
    {                                                                          \
        (void)p;                                                               \
        return show_tunable(s, TUN_##id);                                      \
    }                                                                          \
    int write_tunable_##id(struct proc *p, const char *text, size_t n)         \
    {                                                                          \
        (void)p, (void)n;                                                      \
        return write_tunable(TUN_##id, text);                                  \
    }
#include "abi/tunables.def"
#undef TUNABLE
