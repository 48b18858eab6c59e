/* SPDX-License-Identifier: MIT */
/* Keeps the new events of each display; see news.h. */
#include "panel/view/news.h"

#include <math.h>

const struct news_frame *news_frame_at(const struct news *t, unsigned i)
{
    return &t->fresh[(t->first_fresh + i) % NEWS_FRESH];
}

static void push_fresh(struct news *t, const struct ins_event *e)
{
    if (t->nfresh == NEWS_FRESH) {
        t->first_fresh = (t->first_fresh + 1) % NEWS_FRESH;
        t->nfresh--;
    }
    t->fresh[(t->first_fresh + t->nfresh++) % NEWS_FRESH] =
        (struct news_frame){e->pfn, e->reason, 0};
}

static struct news_group *find_group(struct news *t, u8 reason, u32 pid)
{
    EACH(g, t->group, ARRAY_LEN(t->group))
        if (g->n && g->reason == reason && g->pid == pid)
            return g;
    return NULL;
}

/* Makes a group in an empty slot, else in place of the group that has been
 * quiet for longest. */
static struct news_group *new_group(struct news *t, u8 reason, u32 pid)
{
    struct news_group *g = &t->group[0];
    EACH(it, t->group, ARRAY_LEN(t->group)) {
        if (it->age > g->age || (it->age == g->age && it->n < g->n) || !it->n)
            g = it;
        if (!it->n)
            break;
    }
    *g = (struct news_group){.reason = reason, .pid = pid};
    return g;
}

static void count_event(struct news *t, const struct ins_display *d,
                        const struct ins_event *e)
{
    if (e->pfn == LENS_NO_PFN || !event_text_many(e->reason, 1))
        return;
    struct news_group *g = find_group(t, e->reason, e->pid);
    g = g ? g : new_group(t, e->reason, e->pid);
    g->n++;
    g->age = 0;
    push_fresh(t, e);
    /* The tag shows the caption's event; no later one replaces it. */
    if (t->last.pfn != LENS_NO_PFN && t->last.pfn == d->caption_pfn &&
        t->last.cycle == d->caption_cycle && t->last_age < NEWS_LONG)
        return;
    t->last = *e;
    t->last_age = 0;
}

static void grow_older(struct news *t)
{
    for (unsigned i = 0; i < t->nfresh; i++)
        t->fresh[(t->first_fresh + i) % NEWS_FRESH].age++;
    while (t->nfresh && news_frame_at(t, 0)->age >= NEWS_AGE) {
        t->first_fresh = (t->first_fresh + 1) % NEWS_FRESH;
        t->nfresh--;
    }
    EACH(g, t->group, ARRAY_LEN(t->group)) {
        g->age++;
        g->lasted++;
        if (g->age >= NEWS_AGE || g->lasted >= 2 * NEWS_AGE)
            g->n = 0; /* a group that goes on for long is counted anew */
    }
    if (t->last_age < NEWS_LONG)
        t->last_age++;
}

/* Events may come too fast for displays to list all; the tally still counts
 * them. Adds the unlisted ones to their reason's largest group. */
static void count_unlisted(struct news *t, const struct ins_display *d,
                           const u32 *listed)
{
    EACH(g, t->group, ARRAY_LEN(t->group)) {
        u32 all = d->tally[g->reason] - t->tally[g->reason];
        bool most = g->n && !g->age && all > listed[g->reason];
        EACH(k, t->group, ARRAY_LEN(t->group))
            most &= k == g || k->reason != g->reason || k->n <= g->n;
        if (most)
            g->n += all - listed[g->reason];
    }
}

void news_observe(struct news *t, const struct ins_display *d)
{
    unsigned n = d->nevents < INS_LANE_MAX ? d->nevents : INS_LANE_MAX;
    u64 end = n ? d->events[0].number + 1 : t->next;
    u64 ms = d->clock_hz / 1000, since = d->cycle > ms ? d->cycle - ms : 0;
    bool stopped = !d->running && (!t->rests || t->cycle != d->cycle);
    if (end < t->next || stopped) /* stopped, or went back: forget the news */
        *t = (struct news){.next = 0};
    t->rests = !d->running;
    t->cycle = d->cycle;
    bool first = !t->next;
    if (first)
        t->last.pfn = LENS_NO_PFN;
    if (first && (n <= NEWS_FEW || !news_is_now(d, d->events[NEWS_FEW].cycle)))
        since = d->cycle > NEWS_NOW_MS * ms ? d->cycle - NEWS_NOW_MS * ms : 0;
    if (d->running)
        grow_older(t);
    u32 listed[R_COUNT] = {0};
    for (unsigned i = n; i-- > 0;) { /* they come newest first */
        const struct ins_event *e = &d->events[i];
        if (e->number < t->next || (first && e->cycle < since))
            continue;
        count_event(t, d, e);
        if (e->reason < R_COUNT)
            listed[e->reason]++;
    }
    if (t->nfresh > NEWS_FEW)
        t->last.pfn = LENS_NO_PFN; /* one of many gets no arrow */
    if (!first)
        count_unlisted(t, d, listed);
    memcpy(t->tally, d->tally, sizeof t->tally);
    t->next = end;
}

bool news_is_now(const struct ins_display *d, u64 cycle)
{
    return cycle <= d->cycle &&
           d->cycle - cycle < d->clock_hz / 1000 * NEWS_NOW_MS;
}

static const char *ago_words(const struct ins_display *d, u64 cycle)
{
    double s =
        d->clock_hz ? (double)(d->cycle - cycle) / (double)d->clock_hz : 0;
    if (d->running && s < 1)
        return "less than 1 s ago";
    if (s < NEWS_NOW_MS / 1e3)
        return phrase("%.1f ms ago", s * 1e3);
    return phrase(d->running || s >= 1000 ? "%.0f s ago" : "%.1f s ago",
                  d->running ? floor(s) : s);
}

const char *news_ago(const struct ins_display *d, u64 cycle)
{
    bool past = cycle <= d->cycle && !news_is_now(d, cycle);
    return past ? ago_words(d, cycle) : "";
}

/* Returns the most cycles between two events of one entry into the kernel. */
static u64 one_call(const struct ins_display *d)
{
    return d->clock_hz / 10000;
}

/* True if a later entry into the kernel had an event of the caption's frame. */
static bool caption_overtaken(const struct ins_display *d)
{
    EACH(e, d->events, d->nevents)
        if (e->pfn == d->caption_pfn)
            return e->cycle > d->caption_cycle + one_call(d);
    return false;
}

bool news_caption_is_now(const struct ins_display *d)
{
    return news_is_now(d, d->caption_cycle) && !caption_overtaken(d);
}

const char *news_caption_ago(const struct ins_display *d)
{
    bool past = d->caption_cycle <= d->cycle && !news_caption_is_now(d);
    return past ? ago_words(d, d->caption_cycle) : "";
}

const struct ins_event *news_caption_event(const struct ins_display *d)
{
    const struct ins_event *latest = NULL;
    EACH(e, d->events, d->nevents) {
        if (e->pfn != d->caption_pfn || e->cycle > d->caption_cycle)
            continue;
        latest = latest ? latest : e;
        if (latest->cycle - e->cycle > one_call(d) ||
            latest->reason == R_COW_SHARE) /* a fork moves no page */
            break;
        if (event_way(e) != WAY_NONE)
            return e;
    }
    return latest;
}

u8 news_state_then(const struct ins_display *d, u64 pfn, u64 then)
{
    u8 state = pfn < d->nframes ? d->kind[pfn] : FS_COUNT;
    EACH(e, d->events, d->nevents)
        if (e->pfn == pfn && e->cycle > then)
            state = e->from;
    return state;
}

const struct ins_event *news_given_anew(const struct ins_display *d, u64 pfn,
                                        u64 then)
{
    EACH(e, d->events, d->nevents)
        if (e->pfn == pfn && e->cycle > then && is_free(e->from))
            return e;
    return NULL;
}

bool news_shows_last(const struct news *t, const struct ins_display *d)
{
    u64 just_now = d->clock_hz / 1000 * NEWS_MS;
    return t->next && t->last.pfn < d->nframes &&
           (t->last_age < NEWS_LONG || d->cycle - t->last.cycle < just_now);
}

const struct news_group *news_group(const struct news *t)
{
    const struct news_group *best = NULL;
    EACH(g, t->group, ARRAY_LEN(t->group))
        if (g->n && (!best || g->n > best->n))
            best = g;
    return best;
}
