/* SPDX-License-Identifier: MIT */
/* Samples levels and counters over the machine's whole life in bounded memory,
 * at equal steps of simulated time that double whenever the array is full. */
#include "inspect/internal.h"
#include "machine/history.h"

static void halve_samples(struct ins_samples *s)
{
    for (unsigned i = 0; i < s->n / 2; i++)
        s->at[i] = s->at[2 * i];
    s->n /= 2;
    s->step *= 2;
}

static void note_hands(struct ins_samples *s, u64 now,
                       const struct ins_policy *p)
{
    if (s->nsweeps) {
        struct ins_sweep *last = &s->sweep[(s->nsweeps - 1) % INS_SWEEPS];
        if (!memcmp(last->hand, p->hand, sizeof last->hand))
            return;
        if (now < last->cycle)
            s->nsweeps = 0;
    }
    s->sweep[s->nsweeps++ % INS_SWEEPS] =
        (struct ins_sweep){now, {p->hand[0], p->hand[1]}};
}

/* Counts the frames of a kernel without a lens by state, by reading them all.
 */
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
        .cycle = m->hart.cycle, .swap_used = p->swap_used, .kept = p->kept};
    inspect_levels(p, out->level);
    memcpy(out->histogram, lens ? lens->count : unmodified_counts(m),
           sizeof out->histogram);
    for (unsigned i = 0; i < C_COUNT; i++)
        if (!ins_kernel_counter(m, i, &out->counters[i]))
            out->counters[i] = 0;
    if (!ins_kernel_free(m, &out->free_frames))
        out->free_frames = out->histogram[FS_FREE];
}

/* Under a kernel that keeps no counts each sample reads all frames: for 128 MiB
 * of RAM 1.6 ms of the host, at 1 kHz a third of the time of Debian's boot. The
 * first step is chosen so that this many frames are read per simulated ms,
 * whatever RAM's size. */
#define FRAMES_READ_A_MS 2048

static u64 first_step(struct machine *m)
{
    u64 ms = ins_lens(m) ? 1 : ins_nframes(m) / FRAMES_READ_A_MS;
    return cycles_per_ms(m->clock_hz) * (ms ? ms : 1);
}

void inspect_sample(struct machine *m, const struct ins_events *e,
                    struct ins_samples *s)
{
    u64 now = m->hart.cycle;
    struct ins_policy policy;
    if (inspect_policy(m, &policy))
        note_hands(s, now, &policy);
    if (s->n && history_past(m) && now < s->at[s->n - 1].cycle)
        return;                                 /* sampled already */
    while (s->n && now < s->at[s->n - 1].cycle) /* a future that is gone */
        s->n--;
    if (s->n && now - s->at[s->n - 1].cycle < s->step)
        return;
    if (!inspect_tables_known(m))
        return;
    if (!s->step)
        s->step = first_step(m);
    if (s->n == INS_SAMPLES)
        halve_samples(s);
    ins_sample_now(m, &policy, &s->at[s->n++]);
    if (e)
        inspect_events_tally(e, s->at[s->n - 1].tally);
}
