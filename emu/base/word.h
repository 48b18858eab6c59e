/* SPDX-License-Identifier: MIT */
/* Compares words as users type them, and finds the known word nearest to a
 * mistyped one. */
#pragma once

#include "base/base.h"

/* These compare letters as ASCII in every locale. They ignore case, and take
 * blank, underscore and hyphen for equal. */
bool word_same(const char *a, const char *b);
bool word_begins(const char *word, const char *with);
unsigned word_distance(const char *a, const char *b); /* edits */

/* After word_offer for each known word: the nearest, if it is near enough. */
struct word_nearest {
    const char *typed;
    unsigned distance; /* of best, in half edits */
    char best[64];
};
void word_offer(struct word_nearest *n, const char *candidate);
/* As word_offer, for a name with dots, whose last part may have been typed
 * alone: swappiness for vm.swappiness. */
void word_offer_dotted(struct word_nearest *n, const char *name);
/* Puts "; did you mean WORD?" into buf, or "". */
const char *word_hint(const struct word_nearest *n, char *buf, size_t size);
