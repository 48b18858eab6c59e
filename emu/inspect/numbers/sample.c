/* SPDX-License-Identifier: MIT */
/* Samples levels and counters of the machine's whole life and of its latest
 * seconds in bounded memory, at multiples of a step of simulated time. */
#include "inspect/display.h"
#include "inspect/events.h"
#include "inspect/internal.h"
#include "inspect/kernel.h"
#include "inspect/policy.h"
#include "history/history.h"

/* Counts frames by state under a kernel without a lens: reads them all. */
static const u64 *unmodified_counts(struct machine *m)
{
    struct xv6_kernel *x = ins_xv6(m);
    if (x)
        return xv6_counts(x);
    linux_frames_read(ins_linux(m), 0, ins_nframes(m));
    return linux_counts(ins_linux(m));
}

void ins_sample_now(struct machine *m, const struct ins_policy *p,
                    struct ins_sample *out)
{
    const struct lens_view *lens = ins_lens(m);
    *out = (struct ins_sample){
        .cycle = machine_now(m), .swap_used = p->swap_used, .kept = p->kept};
    inspect_levels(p, out->level);
    memcpy(out->hand, p->hand, sizeof out->hand);
    memcpy(out->histogram, lens ? lens->count : unmodified_counts(m),
           sizeof out->histogram);
    for (unsigned i = 0; i < C_COUNT; i++)
        if (!ins_kernel_counter(m, i, &out->counters[i]))
            out->counters[i] = 0;
    if (!ins_kernel_free(m, &out->free_frames))
        out->free_frames = out->histogram[FS_FREE];
}

/* Under a kernel without a lens each sample reads all frames. For 128 MiB of
 * RAM that takes the host 1.6 ms. At a sample each ms it would take a third of
 * the time of Debian's boot. The first step, a power of two in ms, is so long
 * that at most FRAMES_READ_A_MS frames are read per simulated ms. */
#define FRAMES_READ_A_MS 512
#define RECENT_MS        4

static u64 first_step(struct machine *m)
{
    u64 ms = 1;
    while (!ins_lens(m) && ms * FRAMES_READ_A_MS < ins_nframes(m))
        ms *= 2;
    return cycles_per_ms(m->clock_hz) * ms;
}

/* True if a sample is due. A sample comes a few cycles after its multiple, or
 * at the end of a sleep that spans the multiple. */
static bool due(struct machine *m, struct ins_series *s)
{
    u64 now = machine_now(m);
    if (s->n && history_past(m->past) && now <= s->at[s->n - 1].cycle)
        return false; /* sampled already */
    for (; s->n && now <= s->at[s->n - 1].cycle; s->n--)
        s->cut++; /* a future that is gone */
    return !s->n || now / s->step > s->at[s->n - 1].cycle / s->step;
}

/* Keeps one sample of each doubled step: its first or, if a sleep follows the
 * step, its last, which has all that was counted before the sleep. If a sleep
 * also precedes the step, or it is the first step, both stay: the difference of
 * two samples must be all that happened between them. */
static void halve(struct ins_series *s)
{
    unsigned n = 0;
    s->step *= 2;
    for (unsigned i = 0; i < s->n; i++) {
        u64 step = s->at[i].cycle / s->step;
        if (n && step == s->at[n - 1].cycle / s->step) {
            if (i + 1 == s->n || s->at[i + 1].cycle / s->step <= step + 1)
                continue;
            n -= n > 1 && s->at[n - 2].cycle / s->step + 1 >= step;
        }
        s->at[n++] = s->at[i];
    }
    s->n = n;
}

/* Adds a sample; after a sleep two: at the first multiple in it, and now. */
static void add(struct ins_series *s, const struct ins_sample *now)
{
    u64 until = ins_new_until(s, now->cycle);
    if (until / s->step < now->cycle / s->step) {
        s->at[s->n] = *now;
        s->at[s->n++].cycle = until;
    }
    s->at[s->n++] = *now;
}

static void drop_older_half(struct ins_series *s)
{
    s->n /= 2;
    memmove(s->at, s->at + s->n, s->n * sizeof *s->at);
}

u64 inspect_sample(struct machine *m, const struct ins_events *e,
                   struct ins_samples *s)
{
    struct ins_series *whole = &s->whole, *recent = &s->recent;
    struct ins_policy policy;
    if (!inspect_tables_known(m))
        return cycles_per_ms(m->clock_hz);
    if (!whole->step) {
        u64 least = cycles_per_ms(m->clock_hz) * RECENT_MS;
        whole->step = first_step(m);
        recent->step = whole->step > least ? whole->step : least;
    }
    while (whole->n > INS_SAMPLES - 2)
        halve(whole);
    if (recent->n > INS_SAMPLES - 2)
        drop_older_half(recent);
    bool of_whole = due(m, whole), of_recent = due(m, recent);
    if (of_whole || of_recent) {
        struct ins_sample now;
        inspect_policy(m, &policy);
        ins_sample_now(m, &policy, &now);
        if (e)
            inspect_events_tally(e, now.tally);
        if (of_whole)
            add(whole, &now);
        if (of_recent)
            add(recent, &now);
    }
    return whole->step < recent->step ? whole->step : recent->step;
}
