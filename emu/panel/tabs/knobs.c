/* SPDX-License-Identifier: MIT */
/* Tells a slider's value in numbers and words, and sets it. `set` is an input
 * of the machine like a typed key: it enters the log with its cycle
 * (machine_poke, INPUT_POKE), so that a replay moves the slider at the same
 * cycle. `pace` concerns the host only and is no input. */
#include "panel/tabs/knobs.h"

/* ---- the pace ------------------------------------------------------------ */

static const struct {
    double ratio;
    const char *word, *says;
} paces[] = {
    {0.0001, "0.0001", "1/10,000 of real time"},
    {0.001, "0.001", "1/1,000 of real time"},
    {0.01, "0.01", "1/100 of real time"},
    {0.1, "0.1", "1/10 of real time"},
    {0.3, "0.3", "0.3 of real time"},
    {1, "1", "real time"},
    {3, "3", "3 x real time"},
    {10, "10", "10 x real time"},
    {0, "max", "as fast as it goes"},
};
enum { FASTEST = ARRAY_LEN(paces) - 1 };

static int pace_of(const struct ins_display *d)
{
    int at = d->pace_limit > 0 ? 0 : FASTEST;
    while (at < FASTEST - 1 && paces[at].ratio < d->pace_limit * .999)
        at++;
    return at;
}

static void pace_set(struct controls *c, s64 at)
{
    at = at < 0 ? 0 : at > FASTEST ? FASTEST : at;
    controls_command(c, "pace %s", paces[at].word);
    if (!c->d->running) /* else the bar shows the pace */
        note(c, "pace: %s%s", paces[at].ratio > 0 ? "at most " : "",
             paces[at].says);
}

void policy_pace(struct controls *c, int steps)
{
    pace_set(c, pace_of(c->d) + steps);
}

/* ---- pace and tunables --------------------------------------------------- */

unsigned knobs(const struct ins_display *d)
{
    return 1 + (d->ntunables < INS_TUNABLES ? d->ntunables : INS_TUNABLES);
}

struct scale knob_scale(const struct ins_display *d, unsigned i)
{
    if (!i)
        return (struct scale){0, FASTEST, 0};
    const struct ins_slider *t = &d->tunable[i - 1];
    return (struct scale){t->min, t->max > t->min ? t->max : t->min, 0};
}

s64 knob_value(const struct ins_display *d, unsigned i)
{
    return i ? d->tunable[i - 1].value : pace_of(d);
}

const char *knob_name(const struct ins_display *d, unsigned i)
{
    return i ? d->tunable[i - 1].name : "pace";
}

const char *knob_text(const struct ins_display *d, unsigned i, s64 v)
{
    if (!i)
        return paces[v < 0 ? 0 : v > FASTEST ? FASTEST : v].says;
    const struct ins_slider *t = &d->tunable[i - 1];
    if (!v && !t->preset && t->sets)
        return "0: the kernel chooses";
    return phrase("%s%s%s%.15s", v < 0 ? "−" : "",
                  grouped(v < 0 ? 0 - (u64)v : (u64)v),
                  !*t->unit                            ? ""
                  : *t->unit >= '0' && *t->unit <= '9' ? " × " /* 1/10000 */
                                                       : " ",
                  t->unit);
}

const char *knob_text_in_force(const struct ins_display *d, unsigned i, s64 v,
                               bool brief)
{
    const char *text = knob_text(d, i, v);
    if (!i || v < 0 || !d->tunable[i - 1].sets)
        return text;
    const struct ins_slider *t = &d->tunable[i - 1];
    bool kib = !strcmp(t->unit, "KiB"), open = !v && !t->preset;
    if (!open && (u64)v / (kib ? 4 : 1) == t->now)
        return text;
    return phrase("%s, now %s %.15s", open && brief ? "0: automatic" : text,
                  grouped(t->now), kib ? "frames" : t->unit);
}

/* Says when the kernel reads a new value that sets a threshold
 * (guest/kernel/vm/pageout.c, compute_marks); "" for SunOS, whose scanner reads
 * it four times a second. */
static const char *when_taken(const struct ins_slider *t)
{
    return !t->sets ? ""
           : !strcmp(t->name, "vm.min_free_kbytes")
               ? ". The kernel takes it when kpageoutd, if there is one, next "
                 "starts, or when it is written to /proc/sys; min is 128 KiB "
                 "to a quarter of memory"
           : strncmp(t->name, "sunos.", 6)
               ? ". The kernel takes it when it starts, or when it is written "
                 "to /proc/sys"
               : "";
}

bool knob_plain_name(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP"
                                  "QRSTUVWXYZ0123456789_.-";
    size_t n = strspn(name, letters);
    return n && !name[n];
}

void knob_set(struct controls *c, unsigned i, s64 to)
{
    s64 from = knob_value(c->d, i);
    if (to == from)
        return;
    if (!i) {
        pace_set(c, to);
        return;
    }
    const struct ins_slider *t = &c->d->tunable[i - 1];
    if (!knob_plain_name(t->name))
        return;
    controls_command(c, "set %s %lld", t->name, to);
    if (!c->d->running) /* else the row shows the value */
        note(c, "%s: %s, was %s%s", t->name, knob_text(c->d, i, to),
             knob_text(c->d, i, from), when_taken(t));
}
