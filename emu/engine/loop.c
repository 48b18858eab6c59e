/* SPDX-License-Identifier: MIT */
/* Which blocks are loops that loop_run.c can run: one iteration is followed
 * with every register as what it was at the iteration's start plus a constant,
 * or as what a load has brought; whatever is neither makes it no such loop. */
#include "engine/internal.h"
#include "engine/loop.h"

struct view {
    struct loop *l;
    struct loop_value x[32];
    u32 written;
    bool large; /* constants beyond those that stay_narrow() foresees */
};

static void set(struct view *v, unsigned rd, struct loop_value value)
{
    if (rd == SINK_X)
        return;
    v->x[rd] = value;
    v->written |= 1u << rd;
}

/* Whether a load's result is the same as a sign-extended word. */
static bool is_word(const struct view *v, const struct loop_value *x)
{
    unsigned what = v->l->stream[x->from].what;

    return (what & ACCESS_LOG2) < 2 || what == (2 | ACCESS_SIGNED);
}

static bool is_constant(const struct loop_value *x)
{
    return !x->loaded && !x->from && !x->also;
}

static bool is_plain(const struct loop_value *x)
{
    return !x->loaded && !x->shift && !x->also;
}

/* A sum of 32 bits is one of 64 as long as the registers stay within them,
 * which is found out each time; a constant's (x0's) is known here. */
static bool add(struct view *v, unsigned rd, struct loop_value x, s64 imm,
                bool word)
{
    bool constant = is_constant(&x);

    if (x.loaded && (imm || (word && !is_word(v, &x))))
        return false;
    if (word && !x.loaded && x.shift)
        return false;
    if (word && !x.loaded && !constant)
        v->l->narrow |= 1u << x.from | 1u << x.also;
    x.plus += imm;
    if (word && constant)
        x.plus = (s32)x.plus;
    set(v, rd, x);
    return true;
}

/* Of two registers. */
static bool sum(struct view *v, unsigned rd, struct loop_value a,
                struct loop_value b, bool word)
{
    if (is_plain(&a) && !is_plain(&b)) {
        struct loop_value c = a;
        a = b;
        b = c;
    }
    if (!is_plain(&b) || (!is_plain(&a) && b.from && (a.loaded || a.also)))
        return false;
    if (is_constant(&a)) { /* b and a constant */
        b.plus += a.plus;
        return add(v, rd, b, 0, word);
    }
    if (b.from)
        a.also = b.from;
    return add(v, rd, a, b.plus, word);
}

static bool shift_left(struct view *v, unsigned rd, struct loop_value x, s64 by)
{
    if (x.loaded || x.also || x.shift + by > 32 || is_constant(&x))
        return false;
    x.shift = (u8)(x.shift + by);
    x.plus = (s64)((u64)x.plus << by);
    set(v, rd, x);
    return true;
}

/* Of what has been shifted to the left: the bits in between are gone, but there
 * are none as long as the register is not below 0. */
static bool shift_right(struct view *v, unsigned rd, struct loop_value x,
                        s64 by)
{
    if (x.loaded || x.also || x.shift < by || x.plus < 0)
        return false;
    v->l->positive |= 1u << x.from;
    x.shift = (u8)(x.shift - by);
    x.plus >>= by;
    set(v, rd, x);
    return true;
}

static bool access(struct view *v, const struct rec *r, unsigned insn)
{
    struct loop *l = v->l;
    struct loop_stream *s = &l->stream[l->streams];

    if (l->streams == LOOP_STREAMS || v->x[r->rs1].loaded)
        return false;
    s->what = r->rs3;
    s->insn = (u8)insn;
    s->at = v->x[r->rs1];
    s->at.plus += r->imm;
    if (s->what & ACCESS_STORE)
        s->value = v->x[r->rs2];
    else
        set(v, r->rd, (struct loop_value){.loaded = true, .from = l->streams});
    l->streams++;
    return true;
}

static bool test(struct view *v, unsigned op, const struct rec *r, bool taken)
{
    struct loop *l = v->l;

    if (l->tests == LOOP_TESTS)
        return false;
    l->test[l->tests++] = (struct loop_test){.op = (u16)op,
                                             .slot = r->slot,
                                             .taken = taken,
                                             .a = v->x[r->rs1],
                                             .b = v->x[r->rs2]};
    return true;
}

static bool follow(struct view *v, unsigned op, const struct rec *r,
                   unsigned insn, bool last)
{
    switch (isa_info[op].class) {
    case IC_LOAD:
    case IC_LOADB:
    case IC_STORE:
        return access(v, r, insn);
    case IC_BRANCH:
        return test(v, op, r, last);
    case IC_JAL:
        return last && r->rd == SINK_X;
    default:
        break;
    }
    switch (op) {
    case OP_pause: /* nothing to this hart */
        return true;
    case OP_addi:
    case OP_addiw:
        return add(v, r->rd, v->x[r->rs1], r->imm, op == OP_addiw);
    case OP_add:
    case OP_addw:
        return sum(v, r->rd, v->x[r->rs1], v->x[r->rs2], op == OP_addw);
    case OP_slli:
        return shift_left(v, r->rd, v->x[r->rs1], r->imm);
    case OP_srli:
        return shift_right(v, r->rd, v->x[r->rs1], r->imm);
    case OP_lui:
        v->large = true;
        set(v, r->rd, (struct loop_value){.plus = r->imm});
        return true;
    default:
        return false;
    }
}

/* A register that changes by a constant in each iteration, by what is in one
 * that does not, or not at all. */
static bool moves(const struct view *v, unsigned x)
{
    const struct loop_value *to = &v->x[x];

    return !(v->written >> x & 1) ||
           (!to->loaded && to->from == x && !to->shift &&
            !(v->written >> to->also & 1));
}

static bool known(const struct view *v, const struct loop_value *x)
{
    return x->loaded || (moves(v, x->from) && moves(v, x->also));
}

/* Whether it moves at all; how far, and whether that is known now. */
static bool stands(const struct loop *l, const struct loop_value *x)
{
    return x->loaded || !(l->stride[x->from] | l->by[x->from] |
                          l->stride[x->also] | l->by[x->also]);
}
static s64 stride(const struct loop *l, const struct loop_value *x)
{
    return (s64)((u64)l->stride[x->from] << x->shift) + l->stride[x->also];
}
static bool is_fixed(const struct loop *l, const struct loop_value *x)
{
    return !l->by[x->from] && !l->by[x->also];
}

static bool find_sets(struct view *v)
{
    struct loop *l = v->l;

    for (unsigned i = 1; i < 32; i++) {
        if (!(v->written >> i & 1))
            continue;
        if (!known(v, &v->x[i]))
            return false;
        if (moves(v, i)) {
            l->stride[i] = v->x[i].plus;
            l->by[i] = v->x[i].also;
        }
        l->set[l->sets++] = (struct loop_set){(u8)i, v->x[i]};
    }
    return true;
}

/* One access to another line each time, or at steps that are no power of two:
 * how many are hits is not known before. */
static bool strides(const struct loop *l, const struct loop_stream *s)
{
    u64 by = (u64)(s->stride < 0 ? -s->stride : s->stride);
    u64 bytes = 1u << (s->what & ACCESS_LOG2);

    return !is_fixed(l, &s->at) || by & (by - 1) || by & (bytes - 1) ||
           (l->streams == 1 && by >= LINE_BYTES);
}

static bool find_strides(struct view *v)
{
    struct loop *l = v->l;

    l->still = true;
    for (unsigned i = 0; i < l->streams; i++) {
        struct loop_stream *s = &l->stream[i];
        if (!known(v, &s->at) || !known(v, &s->value))
            return false;
        s->stride = stride(l, &s->at);
        if (strides(l, s)) {
            l->kind = LOOP_STRIDE;
            l->still = false;
            return l->streams == 1;
        }
        u64 by = (u64)(s->stride < 0 ? -s->stride : s->stride);
        s->shift = by ? (u8)__builtin_ctzll(by) : 0;
        l->still &= !by && !(s->what & ACCESS_STORE);
    }
    return true;
}

/* Those that count first by what moves; how many are about loaded values. */
static bool find_tests(struct view *v, unsigned *loaded)
{
    struct loop *l = v->l;

    *loaded = 0;
    for (unsigned i = 0; i < l->tests; i++) {
        struct loop_test *t = &l->test[i];
        if (!known(v, &t->a) || !known(v, &t->b))
            return false;
        t->swapped = t->b.loaded ? !t->a.loaded : !stands(l, &t->b);
        if (t->swapped) {
            struct loop_value a = t->a;
            t->a = t->b;
            t->b = a;
        }
        t->counts = !t->a.loaded;
        if (!stands(l, &t->b) ||
            (t->counts && (stands(l, &t->a) || t->b.loaded)))
            return false;
        if (!t->counts && t->op != OP_beq && t->op != OP_bne)
            return false;
        *loaded += !t->counts;
    }
    return true;
}

static bool keeps_equal(const struct loop_test *t)
{
    return t->taken == (t->op == OP_beq);
}

/* Until the first stream has one of some values; or while it has one. */
static bool until_value(struct loop *l)
{
    const struct loop_stream *s = &l->stream[1];
    bool stores = l->streams == 2;

    if (l->streams > 2 || l->stream[0].what & ACCESS_STORE)
        return false;
    if (stores && !(s->what & ACCESS_STORE && s->value.loaded))
        return false;
    l->kind = stores ? LOOP_COPY : LOOP_UNTIL;
    for (unsigned i = 0; i < l->tests; i++) {
        const struct loop_test *t = &l->test[i];
        if (t->counts)
            continue;
        if (keeps_equal(t))
            l->kind = LOOP_WHILE;
        if (t->b.loaded || l->stops == 2 || (l->stops && l->kind == LOOP_WHILE))
            return false;
        l->stop[l->stops++] = t->b;
    }
    return l->kind != LOOP_WHILE || !stores;
}

static bool while_same(struct loop *l)
{
    bool same = false;

    if (l->streams != 2 ||
        (l->stream[0].what | l->stream[1].what) & ACCESS_STORE)
        return false;
    l->kind = LOOP_COMPARE;
    for (unsigned i = 0; i < l->tests; i++) {
        const struct loop_test *t = &l->test[i];
        if (t->counts)
            continue;
        if (t->b.loaded ? !keeps_equal(t) : keeps_equal(t) || l->stops)
            return false;
        if (t->b.loaded)
            same = true;
        else
            l->stop[l->stops++] = t->b;
    }
    return same;
}

static bool all_alike(const struct loop *l)
{
    unsigned first = l->stream[0].what, loads = 8;

    for (unsigned i = 0; i < l->streams; i++) {
        unsigned what = l->stream[i].what;
        if ((what ^ first) & ACCESS_LOG2)
            return false;
        if (what & ACCESS_STORE)
            continue;
        if (loads != 8 && what != loads)
            return false;
        loads = what;
    }
    return true;
}

/* As the loads extend what they load. */
static u8 type_of(const struct loop *l)
{
    for (unsigned i = 0; i < l->streams; i++)
        if (!(l->stream[i].what & ACCESS_STORE))
            return l->stream[i].what;
    return l->stream[0].what & ACCESS_LOG2;
}

static bool all_plain(const struct loop *l)
{
    bool odd = l->positive;

    for (unsigned i = 0; i < 32; i++)
        odd |= l->by[i];
    for (unsigned i = 0; i < l->sets; i++)
        odd |= l->set[i].v.shift | l->set[i].v.also;
    for (unsigned i = 0; i < l->streams; i++) {
        const struct loop_stream *s = &l->stream[i];
        odd |= s->at.shift | s->at.also | s->value.shift | s->value.also;
    }
    for (unsigned i = 0; i < l->tests; i++) {
        const struct loop_test *t = &l->test[i];
        odd |= t->a.shift | t->a.also | t->b.shift | t->b.also;
    }
    return !odd && l->kind != LOOP_STRIDE;
}

static bool find_kind(struct loop *l, unsigned loaded)
{
    const struct loop_stream *s = l->stream;

    l->least = 4;
    if (l->kind == LOOP_STRIDE) {
        l->least = 8; /* each of which is looked at */
        /* a side exit before it would cost what stand() knows nothing of */
        return !loaded && l->tests == 1 && l->test[0].taken;
    }
    if (!all_alike(l))
        return false;
    if (loaded)
        return until_value(l) || (l->stops = 0, while_same(l));
    if (l->streams == 1 && s[0].what & ACCESS_STORE && stands(l, &s[0].value))
        l->kind = LOOP_FILL;
    else if (l->streams == 2 && !(s[0].what & ACCESS_STORE) &&
             s[1].what & ACCESS_STORE && s[1].value.loaded)
        l->kind = LOOP_MOVE;
    else
        l->kind = LOOP_PLAIN;
    return true;
}

bool loop_find(struct loop *l, const u16 *ops, const u16 *kinds,
               const struct rec *rec, unsigned n)
{
    struct view v = {.l = l};
    unsigned loaded;

    if (n > LOOP_INSNS)
        return false;
    memset(l, 0, sizeof(*l));
    for (unsigned i = 0; i < 32; i++)
        v.x[i].from = (u8)i;
    for (unsigned i = 0; i < n; i++)
        if (!follow(&v, kinds[i] == OP_addi ? OP_addi : ops[i], &rec[i], i,
                    i + 1 == n))
            return false;
    if (v.large && (l->narrow | l->positive))
        return false;
    if (!find_sets(&v) || !find_strides(&v) || !find_tests(&v, &loaded) ||
        !find_kind(l, loaded))
        return false;
    l->type = type_of(l);
    l->plain = all_plain(l);
    return true;
}
