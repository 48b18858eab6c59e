/* SPDX-License-Identifier: MIT */
/* info belief: how often the policy misjudged pages; the working set's size. */
#include "inspect/truth.h"
#include "monitor/verbs/verbs.h"

static void horizon_json(struct json *j, const struct ins_horizon *h)
{
    json_add(j,
             "{ms:%llu looks:%llu cold:%llu cold_used:%llu hot:%llu "
             "hot_idle:%llu regretted:%llu}",
             h->ms, h->looks, h->cold, h->cold_used, h->hot, h->hot_idle,
             h->regretted);
}

static void horizon_row(struct answer *a, const struct ins_horizon *h,
                        u64 victims)
{
    if (!h->looks) {
        say(a, "%4llu ms  %11s\n", h->ms, "no look yet");
        return;
    }
    say(a, "%4llu ms  %11.1f %8.1f%%  %11.1f %8.1f%%  %12llu %6.1f%%\n", h->ms,
        (double)h->cold / (double)h->looks, percent(h->cold_used, h->cold),
        (double)h->hot / (double)h->looks, percent(h->hot_idle, h->hot),
        h->regretted, percent(h->regretted, victims));
}

static void working_set(struct answer *a, struct json *j,
                        const struct ins_working_set *w)
{
    json_add(j,
             "working_set:{looks:%llu frames:%llu sampled:%llu frames_sum:%llu "
             "sampled_sum:%llu}",
             w->looks, w->truth, w->sampled, w->truth_sum, w->sampled_sum);
    if (a->json || !w->looks)
        return;
    say(a,
        "working set of the latest 100 ms: %llu frames; a sampler of reference "
        "bits estimates %llu\nmean of %llu looks: %.0f; estimated %.0f\n",
        w->truth, w->sampled, w->looks, (double)w->truth_sum / (double)w->looks,
        (double)w->sampled_sum / (double)w->looks);
}

enum command_status info_belief(struct answer *a, const char *args)
{
    const struct ins_truth *t = inspect_truth(a->s->truth);
    if (!args_end(a, args))
        return CMD_BAD;
    if (!t)
        return fail(a, CMD_BAD,
                    "info belief: needs the built guest, 1G of RAM at most, "
                    "and --monitor, --panel, --stats or -x");
    json_add(&a->j, "{since:%llu victims:%llu", t->began, t->victims);
    if (t->began)
        say(a, "counted since the machine was loaded or reset, at cycle %llu\n",
            t->began);
    json_open(&a->j, "horizons", '[');
    say(a,
        "         believed idle            believed in use          "
        "%llu pages taken\n"
        "within   frames (mean)   used     frames (mean)   idle     wanted "
        "again\n",
        t->victims);
    for (unsigned i = 0; i < INS_HORIZONS; i++) {
        horizon_json(&a->j, &t->horizon[i]);
        horizon_row(a, &t->horizon[i], t->victims);
    }
    json_close(&a->j, ']');
    json_open(&a->j, "turned", '[');
    for (unsigned i = 0; i < INS_TURNS; i++) {
        json_add(&a->j, "%llu", t->turned[i]);
        say(a, "%s%.1f%%%s",
            i ? ", "
              : "victims wanted again before memory had "
                "turned over once, twice, four times: ",
            percent(t->turned[i], t->victims), i + 1 < INS_TURNS ? "" : "\n");
    }
    json_close(&a->j, ']');
    working_set(a, &a->j, &t->working_set);
    json_close(&a->j, '}');
    return finish_json(a);
}
