/* SPDX-License-Identifier: MIT */
/* Keeps the moment, the stops, the names and the guest's output where a lesson
 * asks a question or a story's card waits, and brings them back. Meanwhile the
 * user may run the machine, delete catches and set names. */
#include "monitor/drive.h"

#include "history/history.h"
#include "monitor/run/past.h"
#include "console/term.h"

#include <stdlib.h>

struct kept {
    struct moment at;
    bool branched; /* a future was put aside already */
    struct stopper stoppers[STOPPERS];
    struct lets lets;
    struct marks marks;
    struct cards cards;
    u32 next_number;
    bool page_shown;
    u64 page_pfn;
    char heard[HEARD_MAX];
    size_t nheard;
    struct term term;
};

void session_keep(struct session *s)
{
    if (s->kept)
        return;
    history_begin(s->m->past, HISTORY_BYTES);
    struct kept *k = s->kept = xcalloc(1, sizeof *k);
    k->at = history_now(s->m->past);
    k->branched = history_branched(s->m->past);
    stoppers_keep(s, k->stoppers);
    k->lets = s->lets;
    k->marks = s->marks;
    k->cards = s->show.cards;
    k->next_number = s->run.next_number;
    k->page_shown = s->show.page_shown;
    k->page_pfn = s->show.page_pfn;
    memcpy(k->heard, s->streams->heard, sizeof k->heard);
    k->nheard = s->streams->nheard;
    k->term = *s->streams->term;
}

bool keep_waits(const struct session *s)
{
    return s->kept;
}

void drive_forget(struct session *s)
{
    struct kept *k = s->kept;
    if (!k)
        return;
    stoppers_back(s, k->stoppers);
    free(k);
    s->kept = NULL;
}

/* Goes back to the kept moment, and drops what has run since. If the guest has
 * written to a disk's own file meanwhile, the machine stays where it is. */
static void back_in_time(struct answer *a, const struct kept *k)
{
    struct history *past = a->s->m->past;
    if (history_branched(past) && !k->branched)
        history_leave_branch(past);
    enum history_end end = past_goto(a->s, k->at);
    if (end == HISTORY_THERE)
        history_drop_future(past);
    else
        fail(a, CMD_FAILED,
             "the machine does not come back to where it waited: %s",
             history_words(past, end));
}

bool keep_back(struct answer *a)
{
    struct session *s = a->s;
    struct kept *k = s->kept;
    if (!k)
        return false;
    bool ran = moment_compare(history_now(s->m->past), k->at);
    back_in_time(a, k);
    s->lets = k->lets;
    s->marks = k->marks;
    s->show.cards = k->cards;
    s->run.next_number = k->next_number;
    s->show.page_shown = k->page_shown;
    s->show.page_pfn = k->page_pfn;
    memcpy(s->streams->heard, k->heard, sizeof k->heard);
    s->streams->nheard = k->nheard;
    *s->streams->term = k->term;
    drive_forget(s);
    publish_now(&s->show, true);
    return ran;
}

bool session_back(struct session *s)
{
    return keep_back(&(struct answer){.s = s, .to = &s->lead});
}
