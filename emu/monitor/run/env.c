/* SPDX-License-Identifier: MIT */
/* Looks up expressions' names: registers, symbols, counters, marks, memory. */
#include "monitor/run/env.h"
#include "base/word.h"
#include "inspect/events.h"
#include "inspect/frames.h"
#include "inspect/numbers.h"
#include "inspect/parts.h"
#include "inspect/policy.h"
#include "inspect/stale.h"
#include "inspect/symbols.h"
#include "inspect/walk.h"
#include "inspect/words.h"

#include <stdio.h>

static int find_register(UNUSED void *opaque, const char *name)
{
    return inspect_register_number(name);
}

static bool read_register(void *opaque, int id, u64 *value, bool *is_signed)
{
    struct session *s = opaque;
    *is_signed = id < MACHINE_PC;
    return inspect_register(s->m, (u32)id, value);
}

static bool symbol(void *opaque, const char *name, u64 *value)
{
    struct session *s = opaque;
    return inspect_symbol(s->m, name, value);
}

struct mark *mark_find(struct session *s, const char *name)
{
    for (unsigned i = 0; i < s->marks.n; i++)
        if (!strcmp(s->marks.at[i].name, name))
            return &s->marks.at[i];
    return NULL;
}

static bool let_value(const struct session *s, const char *name, u64 *value)
{
    for (unsigned i = 0; i < s->lets.n; i++)
        if (!strcmp(s->lets.at[i].name, name)) {
            *value = s->lets.at[i].value;
            return true;
        }
    return false;
}

/* Looks a name up in names.def. event.* are about the event caught last; page.*
 * are present values of the frame that `page` showed last; walk.* are about the
 * walk that is caught or being stepped, or else about the latest one. */
static bool own_number(struct session *s, const char *name, u64 *value)
{
    static const struct walk_step none;
    const struct walk *w = &s->m->mmu.walk;
    const struct walk_step *step = w->nsteps ? &w->steps[w->nsteps - 1] : &none;
    struct ins_event e = {0};
    struct ins_frame f;
    if (!strncmp(name, "event.", 6))
        e = inspect_caught_recorded(s->m, s->events);
    else if (!strncmp(name, "page.", 5) &&
             (!s->show.page_shown ||
              !inspect_frame(s->m, s->show.page_pfn, &f)))
        return false;
#define NAME(word, number, sentence)                                           \
    if (!strcmp(name, word)) {                                                 \
        *value = (u64)(number);                                                \
        return true;                                                           \
    }
#include "monitor/run/names.def"
    return false;
}

/* Before the first catch the fields of an event have no values, because a 0
 * would mean frame 0 or the kernel's pid. */
static const char *absent(void *opaque, const char *name)
{
    struct session *s = opaque;
    return strncmp(name, "event.", 6) || inspect_caught(s->m).reason
               ? NULL
               : "is of the event caught last, and no event has been caught";
}

/* Gives the number of a frame state (state.file_clean, as in page.state), of an
 * event's reason (reason.swap_in) or actor (actor.pageout). */
static bool word_number(const char *word, const char *(*of)(u32), u64 first,
                        u64 end, u64 *value)
{
    for (*value = first; *value < end; ++*value)
        if (word_same(word, of((u32)*value)))
            return true;
    return false;
}

static bool named_number(void *opaque, const char *name, u64 *value)
{
    struct session *s = opaque;
    struct lens_tunable t;
    if (own_number(s, name, value))
        return true;
    struct mark *mark =
        strncmp(name, "mark.", 5) ? NULL : mark_find(s, name + 5);
    if (mark)
        *value = mark->cycle;
    else if (!strncmp(name, "let.", 4))
        return let_value(s, name + 4, value);
    else if (!strncmp(name, "state.", 6))
        return word_number(name + 6, inspect_state_word, 0, FS_COUNT, value);
    else if (!strncmp(name, "reason.", 7))
        return word_number(name + 7, inspect_reason_word, 1, R_COUNT, value);
    else if (!strncmp(name, "actor.", 6))
        return word_number(name + 6, inspect_actor_word, 0, ACTOR_COUNT, value);
    else if (inspect_counter(s->m, name, value))
        return true;
    else if (inspect_tunable(s->m, name, &t, NULL))
        *value = (u64)t.value;
    else
        return false;
    return true;
}

const struct number_name number_names[] = {
#define NAME(name, number, sentence) {name, sentence},
#include "monitor/run/names.def"
};
const unsigned nnumber_names = ARRAY_LEN(number_names);

static void each_counter(void *opaque, const char *name, UNUSED u64 value)
{
    struct names *n = opaque;
    n->fn(n->opaque, name);
}

void env_names(struct session *s, struct names n)
{
    char name[80];
    struct lens_tunable t;
    for (unsigned i = 0; i < nnumber_names; i++)
        n.fn(n.opaque, number_names[i].name);
    for (unsigned i = 0; i < s->lets.n; i++) {
        snprintf(name, sizeof name, "let.%s", s->lets.at[i].name);
        n.fn(n.opaque, name);
    }
    for (unsigned i = 0; i < s->marks.n; i++) {
        snprintf(name, sizeof name, "mark.%s", s->marks.at[i].name);
        n.fn(n.opaque, name);
    }
    inspect_counter_names(s->m, each_counter, &n);
    for (u64 i = 0; inspect_tunable_nth(s->m, i, &t); i++)
        n.fn(n.opaque, t.name);
}

static bool is_own(const char *name)
{
    for (unsigned i = 0; i < nnumber_names; i++)
        if (!strcmp(name, number_names[i].name))
            return true;
    return false;
}

/* A search for the known name that is nearest to a mistyped one; only in the
 * typed name's family (walk., let.) if it has one. */
struct nearest_name {
    struct word_nearest near;
    char family[16]; /* with its dot; "": none */
};

static void offer_name(void *opaque, const char *name)
{
    struct nearest_name *o = opaque;
    size_t n = strlen(o->family);
    if (n && !strncmp(name, o->family, n))
        word_offer(&o->near, name);
    else if (!n)
        word_offer_dotted(&o->near, name);
}

static void family_of(const char *name, char family[16])
{
    static const char *const families[] = {"event.", "page.", "walk.", "let.",
                                           "mark."};
    *family = 0;
    for (unsigned i = 0; i < ARRAY_LEN(families); i++)
        if (!strncmp(name, families[i], strlen(families[i])))
            snprintf(family, 16, "%s", families[i]);
}

/* Returns the message for an unknown name. It offers the nearest known name, or
 * a command that lists or makes names. */
static const char *no_name(struct session *s, const char *name)
{
    struct nearest_name o = {.near.typed = name};
    family_of(name, o.family);
    bool let = !strcmp(o.family, "let."), mark = !strcmp(o.family, "mark.");
    if (is_own(name) && !strcmp(o.family, "page."))
        return "is of the frame that `page PFN` shows, and none has been shown";
    env_names(s, (struct names){offer_name, &o});
    const char *symbol; /* too many symbols are near to short words */
    bool any = !*o.family && strlen(name) > 4;
    for (size_t i = 0; any && (symbol = inspect_symbol_name(s->m, i)); i++)
        word_offer(&o.near, symbol);
    const char *no = let || mark ? "has not been set" : EXPR_NO_NAME;
    if (*o.near.best)
        snprintf(s->no_name, sizeof s->no_name, "%s; did you mean %.60s?", no,
                 o.near.best);
    else
        snprintf(s->no_name, sizeof s->no_name, "%s (%s)", no,
                 let    ? "let NAME EXPR sets one"
                 : mark ? "mark NAME makes one"
                        : "help names lists the known names");
    return s->no_name;
}

/* Says why a name is unknown. The kernel's counters are unknown until the
 * kernel has opened the lens. */
static const char *missing(void *opaque, const char *name)
{
    struct session *s = opaque;
    const char *last = strncmp(name, "vm.", 3) ? name : name + 3;
    if (inspect_lens_open(s->m) || s->m->hart.instret >= 1000000 ||
        (inspect_counter_id(last) < 0 && inspect_gauge_id(last) < 0 &&
         last == name))
        return no_name(s, name);
    return "is the kernel's, which has not started yet (run-for 300ms, or "
           "continue)";
}

static bool memory(void *opaque, bool physical, u64 addr, unsigned bytes,
                   u64 *value)
{
    struct session *s = opaque;
    *value = 0;
    return physical ? inspect_read_pa(s->m, addr, value, bytes)
                    : inspect_read_va(s->m, addr, value, bytes);
}

/* ---- the program's own names ----------------------------------------- */

/* Gives the program, and the address in it, where names are looked up: at the
 * breakpoint that is being set, else at the hart's pc. */
static bool scope_of(struct session *s, struct ins_code *code, u64 *pc)
{
    u64 va = s->scope.va ? s->scope.va : s->m->hart.pc;
    if (s->scope.va && s->scope.code.source)
        *code = s->scope.code;
    else if (!inspect_code_at(s->sources, va, code) || !code->source)
        return false;
    *pc = va - code->bias;
    return true;
}

/* Finds a variable. In the kernel or a bare ELF a name without a symbol is no
 * global, which saves a search through all compilation units. */
static bool variable(void *opaque, const char *name,
                     struct source_variable *out)
{
    struct session *s = opaque;
    struct ins_code code;
    u64 pc = 0, va;
    bool here = scope_of(s, &code, &pc);
    if (here && (code.user || inspect_symbol(s->m, name, &va)) &&
        source_variable(code.source, pc, name, out))
        return true;
    return inspect_symbol(s->m, name, &va) && inspect_main_source(s->sources) &&
           source_variable(inspect_main_source(s->sources), 0, name, out);
}

static bool type(void *opaque, const char *what, const char *name,
                 struct source_ref *out)
{
    struct session *s = opaque;
    struct ins_code code;
    struct source *own = inspect_main_source(s->sources);
    u64 pc;
    return (scope_of(s, &code, &pc) &&
            source_type_named(code.source, what, name, out)) ||
           (own && source_type_named(own, what, name, out));
}

static const char *address(void *opaque, struct source_ref var, u64 *va)
{
    struct session *s = opaque;
    struct ins_code code;
    const char *why = source_address(var, va);
    if (!why && inspect_code_at(s->sources, s->m->hart.pc, &code) &&
        code.source == var.of)
        *va += code.bias;
    return why;
}

static const char *part(void *opaque, struct source_ref var, u64 at, void *to,
                        size_t n)
{
    struct session *s = opaque;
    u64 va;
    const char *why = address(s, var, &va);
    return why                                     ? why
           : inspect_read_va(s->m, va + at, to, n) ? NULL
                                                   : "not in memory";
}

void env_init(struct session *s)
{
    s->env = (struct expr_env){.opaque = s,
                               .clock_hz = s->m->clock_hz,
                               .find_register = find_register,
                               .read_register = read_register,
                               .symbol = symbol,
                               .named_number = named_number,
                               .absent = absent,
                               .missing = missing,
                               .memory = memory,
                               .variable = variable,
                               .type = type,
                               .part = part,
                               .address = address};
}
