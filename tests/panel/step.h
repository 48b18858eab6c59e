/* SPDX-License-Identifier: MIT */
/* Splits a step of a scene into words. names[] has the $names and their values,
 * r the run that steps change. See tests/unit/test_panel_scenes.c. */
#pragma once

#include <ctype.h>
#include <stdlib.h>

#include "../panel/press.h"

enum { TEXT = 300, WORDS = 200, STEP = 2400 };

static struct run {
    struct scene s;
    struct calls_seen h;
    struct controls c;
    bool drawn;
    char sent[700], lights[96], typed[200], told[TEXT];
    u64 i; /* index of the element that a step sets */
} r;

static char step[STEP], words[STEP], step_at[160];
static char *tok[WORDS];
static unsigned ntok, at, nnames;
static struct {
    char name[16], text[TEXT];
} names[40];

__attribute__((noreturn, format(printf, 1, 2))) static void bad(const char *fmt,
                                                                ...)
{
    char why[2 * TEXT];
    va_list args;
    va_start(args, fmt);
    vsnprintf(why, sizeof why, fmt, args);
    va_end(args);
    fail_msg("%s: %s\n    %s", step_at, why, step);
    abort();
}

static void let(const char *name, const char *text)
{
    unsigned i = 0;
    while (i < nnames && strcmp(names[i].name, name))
        i++;
    if (i == ARRAY_LEN(names))
        bad("too many names");
    nnames += i == nnames;
    snprintf(names[i].name, sizeof names[i].name, "%s", name);
    snprintf(names[i].text, sizeof names[i].text, "%s", text);
}

/* Puts values in the place of $names, and splits the step at blanks. A text
 * keeps its first quote. */
static void take(const char *line)
{
    size_t n = 0;
    for (const char *p = line; *p && n + TEXT < sizeof step; p++) {
        unsigned i = 0;
        size_t len = 0;
        while (*p == '$' && isalnum((u8)p[len + 1]))
            len++;
        while (len && i < nnames &&
               (strncmp(names[i].name, p + 1, len) || names[i].name[len]))
            i++;
        if (len && i == nnames)
            bad("no such name: %s", p);
        n += (size_t)sprintf(step + n, "%.*s", len ? TEXT : 1,
                             len ? names[i].text : p);
        p += len;
    }
    step[n] = 0;
    memcpy(words, step, sizeof words);
    at = ntok = 0;
    for (char *p = words; (p += strspn(p, " ")), *p;) {
        char *end = *p == '"' ? strchr(p + 1, '"') : p + strcspn(p, " ");
        if (!end || ntok == WORDS)
            bad("a text does not end, or the step is too long");
        tok[ntok++] = p;
        p = end + (*end != 0);
        *end = 0;
    }
}

static char *next(void)
{
    if (at == ntok)
        bad("its end is missing");
    return tok[at++];
}

static bool next_is(const char *word)
{
    bool is = at < ntok && !strcmp(tok[at], word);
    at += is;
    return is;
}

/* Takes the next word, without the quote of a text. */
static const char *next_plain(void)
{
    const char *t = next();
    return t + (*t == '"');
}

static s64 number_of(const char *text)
{
    char *end;
    u64 n = strtoull(text, &end, 0);
    if (!*text || *end)
        bad("no number: %s", text);
    return (s64)n;
}

static bool is_number(const char *text)
{
    return isdigit((u8)text[*text == '-']);
}

/* Returns true if the text contains the pattern; for "=TEXT", if it is TEXT. */
static bool matches(const char *text, const char *pattern)
{
    return *pattern == '=' ? !strcmp(text, pattern + 1)
                           : strstr(text, pattern) != NULL;
}

/* Draws the picture if a step has changed the state; returns its layout. */
static struct draw plan(void)
{
    if (!r.drawn)
        scene_draw(&r.s);
    r.drawn = true;
    return scene_plan(&r.s);
}
