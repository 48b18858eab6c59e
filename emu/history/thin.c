/* SPDX-License-Identifier: MIT */
#include "history/thin.h"

/* Steps added to every distance, so that small distances differ little. */
#define NEAR 4000000u

size_t thin_which(const u64 *at, size_t n, u64 here)
{
    size_t best = 1;
    double least = 0;
    assert(n >= 3);
    for (size_t i = 1; i + 1 < n; i++) {
        u64 away = at[i] > here ? at[i] - here : here - at[i];
        double loss = (double)(at[i + 1] - at[i - 1]) / (double)(away + NEAR);
        if (i == 1 || loss < least) {
            least = loss;
            best = i;
        }
    }
    return best;
}
