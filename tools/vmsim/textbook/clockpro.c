/* SPDX-License-Identifier: MIT */
/* CLOCK-Pro: hot, cold and evicted but remembered pages, on a clock of 3 hands.
 *
 * S. Jiang, F. Chen, X. Zhang, "CLOCK-Pro: an effective improvement of the
 * CLOCK replacement", USENIX 2005, section 3. A cold page that is used within
 * its test period becomes hot, in memory or not; m_c frames, whose number
 * adapts (3.4), are for cold pages. The paper does not say where m_c begins:
 * here at 1%, the share of LIRS, which CLOCK-Pro approximates.
 *
 *              list head: newest                  all hands move this way ->
 *        . . . . . . . [hand_hot] . . . . [hand_test] . . . [hand_cold] . .
 * hand_cold at a cold page: if used, the page becomes hot or, if not in test,
 * begins a test period; if unused, it leaves, and is remembered if in test. */
#include "tools/vmsim/textbook/textbook.h"

enum { CLOCK = 1 };                          /* the list */
enum { RESIDENT = 1, HOT = 2, IN_TEST = 4 }; /* of page.word */
enum { HAND_HOT, HAND_COLD, HAND_TEST, HANDS };

struct clockpro {
    struct memory m;
    u32 hand[HANDS];         /* pages, NONE if the clock is empty */
    u32 resident, hot, gone; /* pages in memory, hot, remembered */
    u32 cold_target;         /* m_c */
};

static void step(struct clockpro *c, int hand)
{
    u32 next = c->m.page[c->hand[hand]].next;
    c->hand[hand] = next == NONE ? c->m.list[CLOCK].head : next;
}

static void remove_from_clock(struct clockpro *c, u32 page)
{
    for (int i = 0; i < HANDS; i++) {
        if (c->hand[i] == page)
            step(c, i);
        if (c->hand[i] == page) /* it was the only one */
            c->hand[i] = NONE;
    }
    list_remove(&c->m, page);
}

/* The newest page stands before hand_hot, which reaches it last. */
static void insert_at_head(struct clockpro *c, u32 page)
{
    if (c->hand[HAND_HOT] == NONE) {
        list_push_tail(&c->m, CLOCK, page);
        for (int i = 0; i < HANDS; i++)
            c->hand[i] = page;
    } else {
        list_insert_before(&c->m, c->hand[HAND_HOT], page);
    }
}

/* Ends a test period: a page not used in it is a sign that m_c is too large. */
static void end_test(struct clockpro *c, u32 page)
{
    struct page *p = &c->m.page[page];
    if (!(p->word & IN_TEST))
        return;
    p->word &= ~(u32)IN_TEST;
    c->cold_target -= c->cold_target > 1;
    if (!(p->word & RESIDENT)) {
        remove_from_clock(c, page);
        c->gone--;
    }
}

static void used_in_test(struct clockpro *c)
{
    c->cold_target += c->cold_target < c->m.frames;
}

/* Turns hot pages cold until cold ones have m_c frames. */
static void run_hand_hot(struct clockpro *c)
{
    while (c->hot && c->hot > c->m.frames - c->cold_target) {
        u32 page = c->hand[HAND_HOT];
        struct page *p = &c->m.page[page];
        step(c, HAND_HOT);
        if (!(p->word & HOT)) {
            end_test(c, page);
        } else if (p->used) {
            p->used = false;
        } else {
            p->word &= ~(u32)HOT;
            c->hot--;
        }
    }
}

/* Forgets pages until no more are remembered than memory holds. */
static void run_hand_test(struct clockpro *c)
{
    while (c->gone > c->m.frames) {
        u32 page = c->hand[HAND_TEST];
        step(c, HAND_TEST);
        if (!(c->m.page[page].word & HOT))
            end_test(c, page);
    }
}

/* A used cold page becomes hot in its test period; else a new period begins. */
static void promote(struct clockpro *c, u32 page)
{
    struct page *p = &c->m.page[page];
    bool in_test = p->word & IN_TEST;
    p->used = false;
    p->word = RESIDENT | (in_test ? HOT : IN_TEST);
    remove_from_clock(c, page);
    insert_at_head(c, page);
    if (in_test) {
        c->hot++;
        used_in_test(c);
        run_hand_hot(c);
    }
}

static u32 run_hand_cold(struct clockpro *c)
{
    for (;;) {
        u32 page = c->hand[HAND_COLD];
        struct page *p = &c->m.page[page];
        step(c, HAND_COLD);
        if ((p->word & (RESIDENT | HOT)) != RESIDENT)
            continue;
        if (p->used) {
            promote(c, page);
            continue;
        }
        p->word &= ~(u32)RESIDENT; /* the victim: cold and unused */
        c->resident--;
        c->m.why = p->word ? "cold, unused, in its test period"
                           : "cold, unused, its test period over";
        if (p->word)
            c->gone++;
        else
            remove_from_clock(c, page);
        run_hand_test(c);
        return page;
    }
}

static u32 access(struct memory *m, u32 page)
{
    struct clockpro *c = (struct clockpro *)m;
    struct page *p = &m->page[page];
    bool in_test = p->word & IN_TEST;
    u32 victim = LOADED;
    if (p->word & RESIDENT) {
        p->used = true;
        return HIT;
    }
    if (in_test) {
        remove_from_clock(c, page);
        c->gone--;
        used_in_test(c);
    }
    if (c->resident == m->frames)
        victim = run_hand_cold(c);
    c->resident++;
    p->used = false;
    p->word = RESIDENT | (in_test ? HOT : IN_TEST);
    insert_at_head(c, page);
    c->hot += in_test;
    run_hand_hot(c);
    return victim;
}

static void start(struct memory *m)
{
    struct clockpro *c = (struct clockpro *)m;
    for (int i = 0; i < HANDS; i++)
        c->hand[i] = NONE;
    c->cold_target = m->frames < 200 ? 1 : m->frames / 100;
}

const struct textbook_policy textbook_clockpro = {.name = "clockpro",
                                                  .size =
                                                      sizeof(struct clockpro),
                                                  .start = start,
                                                  .access = access};
