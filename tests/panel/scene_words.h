/* SPDX-License-Identifier: MIT */
/* Lists words of scenes: WORD(word, number) and COLOUR(member of struct theme).
 * Scenes also know the names of states, reasons, counters and panes. */
#ifndef WORD
#define WORD(word, n)
#endif
#ifndef COLOUR
#define COLOUR(m)
#endif
/* clang-format off */
WORD("none", NEVER) WORD("no-pfn", LENS_NO_PFN)
WORD("sleeping", PS_SLEEPING) WORD("on-disk", PS_DISK)
WORD("slot-used", SLOT_USED) WORD("slot-cached", SLOT_CACHED)
WORD("in-walk", WALK_RUNNING) WORD("faulted", WALK_FAULTED)
WORD("step-fault", STEP_FAULT) WORD("filled", WALK_FILLED)
WORD("area-heap", AREA_HEAP) WORD("area-map", AREA_MAP)
WORD("area-stack", AREA_STACK)
WORD("hot", STRIP_HOT) WORD("in-swap", STRIP_SWAP)
WORD("untouched", STRIP_NEVER)
WORD("pageout", ACTOR_PAGEOUT) WORD("news-age", NEWS_AGE)
WORD("of-lane", EVENTS_LANE) WORD("of-pid", EVENTS_PROC)
COLOUR(page) COLOUR(pane) COLOUR(rule) COLOUR(ink) COLOUR(dim) COLOUR(accent)
COLOUR(good) COLOUR(fair) COLOUR(warn) COLOUR(bad) COLOUR(io) COLOUR(data)
#undef WORD
#undef COLOUR
