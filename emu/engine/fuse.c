/* SPDX-License-Identifier: MIT */
/* Which neighbours share a piece of code (fuse.def), so that a block takes the
 * fewest jumps. */
#include <stdlib.h>

#include "engine/state.h"

/* What the next one reads of this one's result. */
enum { any, rs1, rs2, near };
#define MOST 6

static const struct row {
    u16 op[MOST], handler;
    u8 how[MOST - 1], n;
} rows[] = {
#define FUSE2(a, h, b) {{OP_##a, OP_##b}, FUSED_##a##_##h##_##b, {h}, 2},
#define FUSE3(a, h, b, i, c)                                                   \
    {{OP_##a, OP_##b, OP_##c}, FUSED_##a##_##h##_##b##_##i##_##c, {h, i}, 3},
#define FUSE4(a, h, b, i, c, j, d)                                             \
    {{OP_##a, OP_##b, OP_##c, OP_##d},                                         \
     FUSED_##a##_##h##_##b##_##i##_##c##_##j##_##d,                            \
     {h, i, j},                                                                \
     4},
#define FUSE5(a, h, b, i, c, j, d, k, e)                                       \
    {{OP_##a, OP_##b, OP_##c, OP_##d, OP_##e},                                 \
     FUSED_##a##_##h##_##b##_##i##_##c##_##j##_##d##_##k##_##e,                \
     {h, i, j, k},                                                             \
     5},
#define FUSE6(a, h, b, i, c, j, d, k, e, l, f)                                 \
    {{OP_##a, OP_##b, OP_##c, OP_##d, OP_##e, OP_##f},                         \
     FUSED_##a##_##h##_##b##_##i##_##c##_##j##_##d##_##k##_##e##_##l##_##f,    \
     {h, i, j, k, l},                                                          \
     6},
#include "engine/fuse.def"
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* The rows that begin with a kind of record, as a list. */
struct fusion {
    u16 first[HANDLERS], next[ROWS]; /* row + 1; 0: none */
};

struct fusion *fusion_new(void)
{
    struct fusion *f = xcalloc(1, sizeof(*f));

    for (unsigned i = 0; i < ROWS; i++) {
        f->next[i] = f->first[rows[i].op[0]];
        f->first[rows[i].op[0]] = (u16)(i + 1);
    }
    return f;
}

void fusion_free(struct fusion *f)
{
    free(f);
}

/* Whether r[0] hands its result to r[1] in that way. */
static bool hands_over(unsigned how, const struct rec *r)
{
    u8 rd = r[0].rd;

    if (how == near) /* both are integer loads, or stores */
        return r[0].rs1 == r[1].rs1 &&
               (r[0].rs3 & ACCESS_LOG2) >= (r[1].rs3 & ACCESS_LOG2) &&
               (r[0].rs3 & ACCESS_STORE || rd != r[0].rs1);
    return how == any ||
           (rd && rd != SINK_X && rd == (how == rs1 ? r[1].rs1 : r[1].rs2));
}

static bool fits(const struct row *row, const struct rec *r, const u16 *kinds)
{
    for (unsigned k = 0; k < row->n; k++) {
        if (kinds[k] != row->op[k])
            return false;
        if (k && !hands_over(row->how[k - 1], r + k - 1))
            return false;
    }
    return true;
}

/* What a row costs, in quarters of a jump: a hand-over saves one, the second
 * look at the host TLB two. */
static int price(const struct row *row)
{
    int p = 4;

    for (unsigned k = 0; k + 1 < row->n; k++)
        p -= row->how[k] == near ? 2 : row->how[k] != any;
    return p;
}

void fusion_apply(const struct engine *e, struct rec *rec, const u16 *kinds,
                  unsigned n)
{
    const struct fusion *f = e->fusion;
    u16 take[BLOCK_INSNS]; /* row + 1 that is best from here on; 0: none */
    int jumps[BLOCK_INSNS + 1];

    assert(n <= BLOCK_INSNS);
    jumps[n] = 0;
    for (unsigned i = n; i-- > 0;) {
        jumps[i] = jumps[i + 1] + 4;
        take[i] = 0;
        for (unsigned k = f->first[kinds[i]]; k; k = f->next[k - 1]) {
            const struct row *row = &rows[k - 1];
            if (i + row->n > n || !fits(row, rec + i, kinds + i))
                continue;
            int cost = jumps[i + row->n] + price(row);
            if (cost < jumps[i]) {
                jumps[i] = cost;
                take[i] = (u16)k;
            }
        }
    }
    /* in the middle of a piece too: who leaves one for a miss goes on there */
    for (unsigned i = 0; i < n; i++)
        if (take[i])
            rec[i].handler = e->handlers[e->timed][rows[take[i] - 1].handler];
}
