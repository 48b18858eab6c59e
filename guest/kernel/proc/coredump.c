/* SPDX-License-Identifier: MIT */
/* Decides whether a core file is written, names it, and makes the other threads
 * wait (Linux 6.12, fs/coredump.c: do_coredump). Left out: patterns that begin
 * with '|', which are programs, and suid_dumpable, which is 0. */
#include "proc/coredump.h"
#include "fs/dcache.h"
#include "fs/namei.h"
#include "fs/proc/procfs.h"
#include "proc/sched.h"
#include "sys/uts.h"
#include "vm/page.h"
#include "vm/space.h"

char core_pattern[CORE_PATTERN_MAX] = "core";

/* Appends a name that a program has chosen, but '!' for each slash, since a
 * slash could lead into another directory. */
static void add_word(struct seq *s, const char *word)
{
    for (; *word; word++)
        seq_write(s, *word == '/' ? "!" : word, 1);
}

static void add_specifier(struct seq *s, char c, int sig)
{
    const struct proc *me = current, *lead = me->leader;
    switch (c) {
    case '%':
        seq_write(s, "%", 1);
        break;
    case 'p':
    case 'P':
        seq_printf(s, "%u", lead->lens.pid);
        break;
    case 'i':
    case 'I':
        seq_printf(s, "%u", me->lens.pid);
        break;
    case 'u':
        seq_printf(s, "%u", me->uid);
        break;
    case 'g':
        seq_printf(s, "%u", me->gid);
        break;
    case 's':
        seq_printf(s, "%d", sig);
        break;
    case 't':
        seq_printf(s, "%ld", wall_now().sec);
        break;
    case 'h':
        add_word(s, uts.nodename);
        break;
    case 'e':
        add_word(s, me->lens.name);
        break;
    case 'c':
        seq_printf(s, "%lu", lead->rlim[RLIMIT_CORE].cur);
        break;
    default: /* ignored, as in Linux */
        break;
    }
}

/* Builds the file's name, with its NUL, from core_pattern; may set s->err. */
static void make_name(struct seq *s, int sig)
{
    for (const char *p = core_pattern; *p; p++) {
        if (*p != '%')
            seq_write(s, p, 1);
        else if (!*++p) /* a lone % at the end */
            break;
        else
            add_specifier(s, *p, sig);
    }
    seq_write(s, "", 1);
}

/* Unlinks an old file of this name: a process that has it open, or knows it by
 * another name, must not see this process's memory. */
static void remove_old(const char *name)
{
    struct dentry *d;
    bool slash;
    if (path_lookup_last(NULL, name, -EISDIR, &d, &slash))
        return;
    if (d->inode)
        vfs_unlink(d);
    names_unlock(d);
    dentry_put(d);
}

static bool write_file(u64 limit, const struct siginfo *why, u64 blocked)
{
    struct seq name = {0};
    struct file *f;
    bool written = false;
    make_name(&name, why->si_signo);
    if (!name.err) {
        remove_old(name.text);
        if (!file_open_at(NULL, name.text,
                          O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, 0600, &f)) {
            written = elf_core_write(f, limit, why, blocked);
            file_put(f);
        }
    }
    kfree(name.text);
    return written;
}

static bool others_parked(const struct proc *lead, const struct proc *me)
{
    const struct proc *t;
    if (lead != me && !lead->core_parked && !lead->at_rest)
        return false;
    list_for_each_entry(t, &lead->threads,
                        thread) if (t != me && !t->core_parked) return false;
    return true;
}

void core_park(struct proc *me)
{
    struct proc *lead = me->leader;
    if (!lead->core_writing)
        return;
    me->core_parked = true;
    wake_up(&lead->thread_gone);
    while (lead->core_writing)
        sleep_on(&lead->thread_gone);
}

void core_dump(const struct siginfo *why)
{
    struct proc *me = current, *lead = me->leader;
    u64 limit = lead->rlim[RLIMIT_CORE].cur, blocked = me->sig_blocked;
    if (lead->group_exit || lead->exec_thread || !me->space->dumpable ||
        limit < PAGE_SIZE)
        return;
    lead->group_exit = lead->core_writing = true;
    lead->group_status = why->si_signo;
    me->sig_blocked = ~SIGBIT(SIGKILL); /* only SIGKILL ends the writing */
    me->actor = ACTOR_EXIT;
    signal_end_others(me);
    while (!others_parked(lead, me))
        sleep_on(&lead->thread_gone);
    if (write_file(limit, why, blocked) && !signal_fatal_pending(me))
        lead->group_status |= WCOREFLAG;
    lead->core_writing = false;
    wake_up(&lead->thread_gone);
}
