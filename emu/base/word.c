/* SPDX-License-Identifier: MIT */
/* Finds the known word nearest to a mistyped one: Levenshtein's distance, with
 * a swap of two neighbours as one edit. Letters are compared as ASCII: capitals
 * must not depend on the user's locale (Turkish has two i's). */
#include "base/word.h"

#include <stdio.h>
#include <string.h>

#define LONGEST 48 /* letters compared; every known word is shorter */

static char fold(char c)
{
    if (c == '_' || c == ' ')
        return '-';
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool word_same(const char *a, const char *b)
{
    while (*a && fold(*a) == fold(*b))
        a++, b++;
    return !*a && !*b;
}

bool word_begins(const char *word, const char *with)
{
    while (*with && fold(*word) == fold(*with))
        word++, with++;
    return !*with;
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

unsigned word_distance(const char *a, const char *b)
{
    size_t na = strnlen(a, LONGEST), nb = strnlen(b, LONGEST);
    unsigned row[3][LONGEST + 1];
    unsigned *old = row[0], *last = row[1], *now = row[2];

    memset(row, 0, sizeof row);
    for (unsigned j = 0; j <= nb; j++)
        last[j] = j;
    for (unsigned i = 1; i <= na; i++) {
        now[0] = i;
        for (unsigned j = 1; j <= nb; j++) {
            bool same = fold(a[i - 1]) == fold(b[j - 1]);
            now[j] = least(least(last[j], now[j - 1]) + 1, last[j - 1] + !same);
            if (i > 1 && j > 1 && fold(a[i - 1]) == fold(b[j - 2]) &&
                fold(a[i - 2]) == fold(b[j - 1]))
                now[j] = least(now[j], old[j - 2] + 1);
        }
        unsigned *free_row = old;
        old = last;
        last = now;
        now = free_row;
    }
    return last[nb];
}

void word_offer(struct word_nearest *n, const char *candidate)
{
    size_t typed = strlen(n->typed), length = strlen(candidate);
    unsigned d = 2 * word_distance(n->typed, candidate);
    unsigned most = typed < 3 ? 0 : typed < 6 ? 2 : typed < 9 ? 4 : 6;
    if (typed == 2 && length == 3 && fold(*n->typed) == fold(*candidate))
        most = 2; /* a letter is missing: wy for why */

    /* A missing or additional ending counts as an edit and a half (evicted is
     * typed for evict). But many words begin with a candidate of three letters,
     * so min is not offered for minflt. */
    bool ending =
        typed >= 3 && length >= 3 && typed <= (length > 3 ? 2 * length : 4) &&
        (word_begins(candidate, n->typed) || word_begins(n->typed, candidate));
    if (ending && d > 3)
        d = 3;
    if (!strcmp(n->typed, candidate)) /* the same word is no help */
        return;
    if ((d > most && !ending) || (*n->best && d >= n->distance))
        return;
    n->distance = d;
    snprintf(n->best, sizeof n->best, "%s", candidate);
}

void word_offer_dotted(struct word_nearest *n, const char *name)
{
    const char *dot = strrchr(name, '.');
    struct word_nearest part = {.typed = n->typed};
    word_offer(n, name);
    if (!dot)
        return;
    if (word_same(n->typed, dot + 1))
        snprintf(part.best, sizeof part.best, "%s", name);
    else
        word_offer(&part, dot + 1);
    if (*part.best && (!*n->best || part.distance < n->distance)) {
        n->distance = part.distance;
        snprintf(n->best, sizeof n->best, "%s", name);
    }
}

const char *word_hint(const struct word_nearest *n, char *buf, size_t size)
{
    snprintf(buf, size, *n->best ? "; did you mean %s?" : "%s", n->best);
    return buf;
}
