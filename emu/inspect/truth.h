/* SPDX-License-Identifier: MIT */
/* Compares a policy's belief about each page with its later use (truth.c). */
#pragma once

#include "inspect/answers.h"

#define INS_HORIZONS 3
/* Sums over all looks; there is one look every T = `cycles`. */
struct ins_horizon {
    u64 ms, cycles, looks;
    u64 cold, cold_used; /* pages believed idle; used before the next look */
    u64 hot, hot_idle;   /* pages believed in use; idle until the next look */
    u64 regretted;       /* victims that were wanted again within T */
};
/* The number of pages used within the latest 100 ms (truth), and an estimate of
 * it by samples of reference bits (sampled); the sums are over all looks. */
struct ins_working_set {
    u64 looks, truth, sampled, truth_sum, sampled_sum;
};
#define INS_TURNS 3
struct ins_truth {
    u64 began; /* counting began at this cycle: a start, load or reset */
    u64 victims;
    /* Victims wanted again before memory had turned over once, twice, four
     * times. In one turn, as many pages are taken as memory has frames. */
    u64 turned[INS_TURNS];
    struct ins_horizon horizon[INS_HORIZONS];
    struct ins_working_set working_set;
};

/* Counts from now on. This takes some bytes for each frame, and a pass over all
 * frames every 10 ms of simulated time, but does not affect the machine. In the
 * machine's past, the sums are those of that moment. */
struct ins_truth_log *inspect_truth_open(struct machine *m,
                                         struct ins_events *events);
/* Returns the counts; NULL if t is NULL. */
const struct ins_truth *inspect_truth(struct ins_truth_log *t);
/* Stops counting; the counts stay. Call it before the events are closed. */
void inspect_truth_stop(struct ins_truth_log *t);
void inspect_truth_close(struct ins_truth_log *t);
