/* SPDX-License-Identifier: MIT */
/* Words as users type them: comparison independent of the locale, and the known
 * word nearest to a mistyped one. */
#pragma once

#include "base/base.h"

/* Compares letters as ASCII in every locale; case makes no difference, nor does
 * the choice of blank, underscore or hyphen. */
bool word_same(const char *a, const char *b);
bool word_begins(const char *word, const char *with);
unsigned word_distance(const char *a, const char *b); /* edits */

/* Offer each known word; then best is the nearest, "" if none is near. */
struct word_nearest {
    const char *typed;
    unsigned distance; /* of best, in half edits */
    char best[64];
};
void word_offer(struct word_nearest *n, const char *candidate);
/* word_offer for a name with dots; its last part may have been typed alone:
 * swappiness for vm.swappiness. */
void word_offer_dotted(struct word_nearest *n, const char *name);
/* Puts "; did you mean WORD?" into buf, or "". */
const char *word_hint(const struct word_nearest *n, char *buf, size_t size);
