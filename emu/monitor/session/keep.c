/* SPDX-License-Identifier: MIT */
/* Keeps the machine, the stops, the names and the guest's output where a lesson
 * asks a question or a story's card waits, and brings them back. Meanwhile the
 * user may run the machine, delete catches and set names. */
#include "monitor/drive.h"

#include "history/history.h"
#include "monitor/session/past.h"
#include "monitor/terminal/term.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct kept {
    int machine; /* a file in memory */
    struct moment at;
    char hash[33]; /* of the machine then, if its past is kept; else "" */
    struct stopper stoppers[STOPPERS];
    struct lets lets;
    struct marks marks;
    u32 next_number;
    bool page_shown;
    u64 page_pfn;
    char heard[HEARD_MAX];
    size_t nheard;
    struct term term;
};

static void path_of(int fd, char *path, size_t n)
{
    snprintf(path, n, "/proc/self/fd/%d", fd);
}

void session_keep(struct session *s)
{
    char path[40], err[200];
    if (s->kept)
        return;
    struct kept *k = s->kept = xcalloc(1, sizeof *k);
    k->machine = memfd_create("machine", MFD_CLOEXEC);
    if (k->machine < 0)
        die("session", "no memory for a machine: %s", strerror(errno));
    path_of(k->machine, path, sizeof path);
    if (!machine_save(s->m, path, err, sizeof err))
        die("session", "%s", err);
    k->at = history_now(s->m->past);
    if (history_on(s->m->past))
        machine_hash(s->m, k->hash);
    stoppers_keep(s, k->stoppers);
    k->lets = s->lets;
    k->marks = s->marks;
    k->next_number = s->next_number;
    k->page_shown = s->page_shown;
    k->page_pfn = s->page_pfn;
    memcpy(k->heard, s->streams->heard, sizeof k->heard);
    k->nheard = s->streams->nheard;
    k->term = *s->streams->term;
}

void drive_forget(struct session *s)
{
    struct kept *k = s->kept;
    if (!k)
        return;
    stoppers_back(s, k->stoppers);
    close(k->machine);
    free(k);
    s->kept = NULL;
}

/* Goes back to the kept moment through the machine's past, and drops what has
 * run since. This keeps the past; loading k->machine would begin a new one.
 * False: the past is not kept, or the machine was changed. */
static bool back_in_time(struct session *s, const struct kept *k)
{
    char hash[33];
    if (!*k->hash || past_goto(s, k->at) != HISTORY_THERE)
        return false;
    machine_hash(s->m, hash);
    return !strcmp(hash, k->hash) &&
           (!history_past(s->m->past) || history_drop_future(s->m->past));
}

bool session_back(struct session *s)
{
    char path[40], err[200];
    struct kept *k = s->kept;
    if (!k)
        return false;
    bool ran = moment_compare(history_now(s->m->past), k->at);
    path_of(k->machine, path, sizeof path);
    if (!back_in_time(s, k) && !session_load(s, path, true, err, sizeof err))
        die("session", "%s", err);
    s->lets = k->lets;
    s->marks = k->marks;
    s->next_number = k->next_number;
    s->page_shown = k->page_shown;
    s->page_pfn = k->page_pfn;
    memcpy(s->streams->heard, k->heard, sizeof k->heard);
    s->streams->nheard = k->nheard;
    *s->streams->term = k->term;
    drive_forget(s);
    publish_now(s, true);
    return ran;
}
