/* SPDX-License-Identifier: MIT */
/* info belief: a policy's errors, by horizon. */
#include "inspect/truth.h"
#include "monitor/verbs/verbs.h"

static void horizon_json(struct json *j, const struct ins_horizon *h)
{
    json_open(j, NULL, '{');
    json_u64(j, "ms", h->ms);
    json_u64(j, "looks", h->looks);
    json_u64(j, "cold", h->cold);
    json_u64(j, "cold_used", h->cold_used);
    json_u64(j, "hot", h->hot);
    json_u64(j, "hot_idle", h->hot_idle);
    json_u64(j, "regretted", h->regretted);
    json_close(j, '}');
}

static void horizon_row(struct session *s, const struct ins_horizon *h,
                        u64 victims)
{
    if (!h->looks) {
        say(s, "%4llu ms  %11s\n", h->ms, "no look yet");
        return;
    }
    say(s, "%4llu ms  %11.1f %8.1f%%  %11.1f %8.1f%%  %12llu %6.1f%%\n", h->ms,
        (double)h->cold / (double)h->looks, percent(h->cold_used, h->cold),
        (double)h->hot / (double)h->looks, percent(h->hot_idle, h->hot),
        h->regretted, percent(h->regretted, victims));
}

static void working_set(struct session *s, struct json *j,
                        const struct ins_working_set *w)
{
    json_open(j, "working_set", '{');
    json_u64(j, "looks", w->looks);
    json_u64(j, "frames", w->truth);
    json_u64(j, "sampled", w->sampled);
    json_u64(j, "frames_sum", w->truth_sum);
    json_u64(j, "sampled_sum", w->sampled_sum);
    json_close(j, '}');
    if (s->json || !w->looks)
        return;
    say(s,
        "working set of the latest 100 ms: %llu frames; a sampler of reference "
        "bits estimates %llu\n"
        "on average of %llu times: %.0f; estimated %.0f\n",
        w->truth, w->sampled, w->looks, (double)w->truth_sum / (double)w->looks,
        (double)w->sampled_sum / (double)w->looks);
}

enum command_status info_belief(struct session *s, const char *args)
{
    const struct ins_truth *t = inspect_truth(s->truth);
    struct json j = {0};
    if (!args_end(s, args))
        return CMD_BAD;
    if (!t)
        return fail(s, CMD_BAD,
                    "info belief: not counted here (for the built guest, with "
                    "at most 1G of RAM)");
    json_open(&j, NULL, '{');
    json_u64(&j, "since", t->began);
    json_u64(&j, "victims", t->victims);
    if (t->began && !s->json)
        say(s, "counted since the machine was loaded or reset, at cycle %llu\n",
            t->began);
    json_open(&j, "horizons", '[');
    if (!s->json)
        say(s,
            "         believed idle            believed in use          "
            "%llu pages taken\n"
            "within   frames (mean)   used     frames (mean)   idle     wanted "
            "again\n",
            t->victims);
    for (unsigned i = 0; i < INS_HORIZONS; i++) {
        horizon_json(&j, &t->horizon[i]);
        if (!s->json)
            horizon_row(s, &t->horizon[i], t->victims);
    }
    json_close(&j, ']');
    working_set(s, &j, &t->working_set);
    json_close(&j, '}');
    return finish_json(s, &j);
}
