/* SPDX-License-Identifier: MIT */
/* Reports the first call in which replay and record differ, and the next victim
 * of each. After the difference the policy's questions get their latest answers
 * again (guess). */
#include "tools/vmsim/replay/parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PATIENCE 1000000u /* calls until a victim must have been chosen */

bool differs;
static uint64_t *last[SEAM_ROWS]; /* answers by frame, plus 1; 0: none yet */
static uint64_t answers[SEAM_ROWS][SEAM_WORDS];
static unsigned guesses;

/* ---- victims ---- */

static bool victim_of(enum seam_row row, const uint64_t *words, bool leaving,
                      uint32_t *frame)
{
    switch (row) {
    case SEAM_take:
    case SEAM_launder:
    case SEAM_unmap:
    case SEAM_page_message:
    case SEAM_page_default:
        *frame = (uint32_t)words[0];
        return !leaving;
    case SEAM_cache:
    case SEAM_free_behind:
        *frame = (uint32_t)words[1];
        return !leaving;
    case SEAM_OP_victim:
    case SEAM_OP_own_victim:
        *frame = (uint32_t)words[0];
        return leaving && *frame != POLICY_NONE;
    default:
        return false;
    }
}

static void hash(uint64_t v)
{
    for (unsigned i = 0; i < 8; i++, v >>= 8)
        tally.hash = (tally.hash ^ (v & 0xff)) * 0x100000001b3ull; /* FNV-1a */
}

static _Noreturn void end_at(const char *what, uint32_t frame)
{
    printf("then %s of frame %u\n", what, frame);
    exit(stdout_written(1));
}

void victim_note(enum seam_row row, const uint64_t *words, bool leaving)
{
    uint32_t frame;
    if (!victim_of(row, words, leaving, &frame))
        return;
    if (differs)
        end_at(refs_rows[row].name, frame);
    hash(row);
    hash(frame);
    if (tally.victims++ < tally.shown)
        printf("%s %u\n", refs_rows[row].name, frame);
}

/* ---- the first difference ---- */

/* Prints the record's next victim, from `r` on. */
static void recorded_victim(const struct refs_record *r)
{
    uint32_t frame;
    for (; r; record_taken(r), r = record_scan()) {
        bool leaving = refs_rows[r->row].op;
        if (leaving ? r->part == REFS_ENTER : r->part == REFS_LEAVE)
            continue;
        if (!victim_of(r->row, r->value + (leaving ? r->entered : 0), leaving,
                       &frame))
            continue;
        printf("            then %s of frame %u\n", refs_rows[r->row].name,
               frame);
        return;
    }
    printf("            then no victim\n");
}

static void show(uint32_t stack, enum seam_row row, const uint64_t *words,
                 bool leaving)
{
    struct refs_record r = {.type = REFS_SEAM,
                            .part = leaving ? REFS_LEAVE : REFS_ENTER,
                            .stack = stack,
                            .row = row};
    r.nvalues = refs_words(refs_rows[row].text, r.part);
    r.entered = leaving ? 0 : r.nvalues;
    memcpy(r.value, words, r.nvalues * sizeof *words);
    refs_print(&r, stdout);
}

static void show_recorded(const struct refs_record *recorded)
{
    printf("%s: differs at cycle %" PRIu64 ", after %" PRIu64
           " victims that were alike\n  recorded: ",
           replayed->name, recorded->cycle, tally.victims);
    refs_print(recorded, stdout);
    differs = true;
}

void differ_lacks(const struct refs_record *recorded)
{
    show_recorded(recorded);
    recorded_victim(record_scan());
    printf("  replayed: the policy has no function %s\n",
           refs_rows[recorded->row].name);
    exit(stdout_written(1));
}

void differ(const struct refs_record *recorded, enum seam_row row,
            const uint64_t *words, bool leaving)
{
    uint32_t frame, stack = recorded->stack;
    show_recorded(recorded);
    if (recorded == record_without_calls()) {
        printf("            which makes no calls\n");
        recorded = record_scan();
    }
    recorded_victim(recorded);
    printf("  replayed: ");
    show(stack, row, words, leaving);
    printf("            ");
    if (!leaving)
        return;
    if (victim_of(row, words, true, &frame))
        end_at(refs_rows[row].name, frame);
    differ_end();
}

void differ_end(void)
{
    printf("then no victim in a million calls, or before it returned\n");
    exit(stdout_written(1));
}

/* ---- without the record ---- */

static bool by_frame(enum seam_row row)
{
    return !strncmp(refs_rows[row].text, "u>", 2) && row != SEAM_tunable &&
           row != SEAM_kick && row != SEAM_wake;
}

void guess_note(enum seam_row row, const uint64_t *words,
                const uint64_t *returned)
{
    memcpy(answers[row], returned,
           refs_words(refs_rows[row].text, REFS_LEAVE) * sizeof *returned);
    if (!by_frame(row) || words[0] >= nframes)
        return;
    if (!last[row])
        last[row] = calloc(nframes, sizeof *last[row]);
    if (!last[row])
        abort();
    last[row][words[0]] = returned[0] + 1;
}

void guess(enum seam_row row, const uint64_t *words,
           uint64_t returned[SEAM_WORDS])
{
    if (++guesses == PATIENCE)
        differ_end();
    memcpy(returned, answers[row], sizeof answers[row]);
    if (by_frame(row) && words[0] < nframes && last[row] && last[row][words[0]])
        returned[0] = last[row][words[0]] - 1;
    if (row == SEAM_may_take)
        returned[0] = true;
    if (row == SEAM_frames) /* 0 if never recorded; policies divide by it */
        returned[0] = nframes;
    if (row == SEAM_clear_used) { /* from now on the frame is unused */
        const uint64_t cleared = 0;
        guess_note(SEAM_clear_used, words, &cleared);
        guess_note(SEAM_used, words, &cleared);
    }
}
