/* SPDX-License-Identifier: MIT */
/* Connects the panel's keys and mouse to a made-up display (scene.h), and
 * records the calls that their listeners get. */
#pragma once

#include <cmocka.h>

#include "../panel/scene.h"
#include "panel/input/keys.h"

struct calls_seen {
    char lines[8][80];
    unsigned nlines;
    char keys[64];
    size_t nkeys;
    s64 selected;
    char light[96];
    unsigned nlight;
};

static inline void on_command(void *opaque, const char *line)
{
    struct calls_seen *h = opaque;
    assert_true(h->nlines < 8);
    snprintf(h->lines[h->nlines++], 80, "%s", line);
}

static inline void on_keys(void *opaque, const char *bytes, size_t n)
{
    struct calls_seen *h = opaque;
    memcpy(h->keys + h->nkeys, bytes, n);
    h->nkeys += n;
}

static inline void on_select(void *opaque, s64 pfn)
{
    ((struct calls_seen *)opaque)->selected = pfn;
}

static inline void on_light(void *opaque, const char *words)
{
    struct calls_seen *h = opaque;
    snprintf(h->light, sizeof h->light, "%s", words);
    h->nlight++;
}

static inline struct controls controls_for(struct scene *s,
                                           struct calls_seen *h)
{
    memset(h, 0, sizeof *h);
    return (struct controls){.v = s->v,
                             .d = s->d,
                             .w = s->fb.w,
                             .h = s->fb.h,
                             .pressed = PANES,
                             .command = on_command,
                             .keys = on_keys,
                             .select = on_select,
                             .light = on_light,
                             .opaque = h};
}
