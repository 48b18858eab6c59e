/* SPDX-License-Identifier: MIT */
/* The verbs that set, list and delete breakpoints, watchpoints and catches. */
#include "inspect/symbols.h"
#include "inspect/walk.h"
#include "inspect/words.h"
#include "monitor/verbs/verbs.h"

static struct stopper *add_stopper(struct answer *a, const struct stopper *like)
{
    struct session *s = a->s;
    unsigned places = like->nat;
    for (unsigned i = 0; i < STOPPERS; i++)
        places += s->run.stoppers[i].nat;
    if (places > BREAKS_MOST) {
        fail(a, CMD_BAD, "breakpoints at %u places at most", BREAKS_MOST);
        return NULL;
    }
    for (unsigned i = 0; i < STOPPERS; i++) {
        if (s->run.stoppers[i].number)
            continue;
        s->run.stoppers[i] = *like;
        s->run.stoppers[i].number = s->run.next_number++;
        s->run.stoppers[i].of_panel = a->to->who == IN_PANEL;
        if (s->run.going)
            stoppers_arm(s);
        return &s->run.stoppers[i];
    }
    fail(a, CMD_BAD, "%u breakpoints, watchpoints, catches at most", STOPPERS);
    return NULL;
}

static const char *kind_word(const struct stopper *b)
{
    if (b->kind == BY_WATCH && b->on_read)
        return b->on_write ? "access watchpoint" : "read watchpoint";
    return b->kind == BY_BREAK   ? "breakpoint"
           : b->kind == BY_WATCH ? "watchpoint"
                                 : "catch";
}

static enum command_status tell_added(struct answer *a, const struct stopper *b)
{
    if (!b)
        return CMD_BAD;
    if (!stops_silently(a) && a->to->who != IN_PANEL)
        say(a, "%s %u: %s\n", kind_word(b), b->number, b->text);
    return answer_json(a, "{number:%u kind:%s what:%s}", b->number,
                       kind_word(b), b->text);
}

/* Parses the rest of the line, if any: "if EXPR" or, for events, "pid P".
 * False, with a message: the rest has a mistake. */
static bool take_condition(struct answer *a, const char *args,
                           struct stopper *b)
{
    if (!args_more(&args))
        return true;
    char of_process[80];
    u64 pid;
    if (b->kind == BY_CATCH_EVENT && !strncmp(args, "pid ", 4)) {
        if (!args_pid(a, &args, &pid) || !args_end(a, args))
            return false;
        snprintf(of_process, sizeof of_process,
                 "if event.pid == %u || event.owner == %u", (u32)pid, (u32)pid);
        args = of_process;
        size_t at = strlen(b->text);
        snprintf(b->text + at, sizeof b->text - at, " by or of pid %u",
                 (u32)pid);
    }
    if (strncmp(args, "if ", 3)) {
        fail(a, CMD_BAD, "unexpected '%.40s'", args);
        return false;
    }
    if (args != of_process) {
        size_t at = strlen(b->text);
        snprintf(b->text + at, sizeof b->text - at, " %s", args);
    }
    args += 3;
    b->condition = args_expr(a, &args);
    if (b->condition && args_end(a, args))
        return true;
    expr_free(b->condition);
    return false;
}

/* True, with a message: the words name an event (`break on page fault`), which
 * is no place in the program. */
static bool is_event(struct answer *a, const char *args)
{
    static const char *const empty[] = {"on ", "at ", "a ", "when "};
    char event[40], word[40];
    u64 at;
    for (unsigned i = 0; i < ARRAY_LEN(empty); i++)
        if (!strncmp(args, empty[i], strlen(empty[i])))
            args += strlen(empty[i]);
    snprintf(word, sizeof word, "%.*s", (int)strcspn(args, " \t"), args);
    if (inspect_symbol(a->s->m, word, &at) ||
        !args_event(&args, event, sizeof event))
        return false;
    fail(a, CMD_BAD, "%s: %s: an event; did you mean catch %s?", a->verb->verb,
         event, event);
    return true;
}

static enum command_status add_break(struct answer *a, const char *args,
                                     bool once)
{
    struct session *s = a->s;
    struct stopper b = {.kind = BY_BREAK, .once = once};
    struct location to;
    if (args_more(&args) && is_event(a, args))
        return CMD_BAD;
    if (!args_location(a, &args, &to))
        return CMD_BAD;
    b.va = to.va[0];
    b.nat = b.places = to.n;
    memcpy(b.at, to.va, sizeof b.at);
    b.program = to.code.user ? to.code.source : NULL;
    b.moves = to.code.user && to.code.moves;
    b.bias = to.code.bias;
    s->scope.va = b.va;
    s->scope.code = to.code;
    snprintf(b.text, sizeof b.text, "%s", to.text);
    bool whole = take_condition(a, args, &b);
    s->scope.va = 0;
    return whole ? tell_added(a, add_stopper(a, &b)) : CMD_BAD;
}

enum command_status cmd_break(struct answer *a, const char *args)
{
    return add_break(a, args, false);
}

enum command_status cmd_tbreak(struct answer *a, const char *args)
{
    return add_break(a, args, true);
}

static enum command_status add_watch(struct answer *a, const char *args,
                                     bool on_read, bool on_write)
{
    struct session *s = a->s;
    struct stopper b = {
        .kind = BY_WATCH, .on_read = on_read, .on_write = on_write};
    struct expr_place place;
    char err[200];
    args_more(&args);
    snprintf(b.text, sizeof b.text, "%.79s", args);
    struct expr *e = args_expr(a, &args);
    if (!e)
        return CMD_BAD;
    bool ok = expr_place(e, &s->env, &place, err, sizeof err);
    expr_free(e);
    if (!ok)
        return fail(a, CMD_BAD, "%s", err);
    if (!args_end(a, args))
        return CMD_BAD;
    b.va = place.addr;
    b.len = place.bytes;
    b.physical = place.physical;
    bool there = b.physical ? inspect_read_pa(s->m, b.va, &b.old, b.len)
                            : inspect_read_va(s->m, b.va, &b.old, b.len);
    if (b.physical && !there)
        return fail(a, CMD_BAD, "%s: no RAM at pa:0x%llx", a->verb->verb, b.va);
    enum command_status status = tell_added(a, add_stopper(a, &b));
    if (status == CMD_OK && !there && a->to->who == IN_PROMPT)
        say(a, "(there is no memory at 0x%llx now; it reads as 0)\n", b.va);
    return status;
}

enum command_status cmd_watch(struct answer *a, const char *args)
{
    return add_watch(a, args, false, true);
}

enum command_status cmd_rwatch(struct answer *a, const char *args)
{
    return add_watch(a, args, true, false);
}

enum command_status cmd_awatch(struct answer *a, const char *args)
{
    return add_watch(a, args, true, true);
}

/* Words of `catch` that name no event. */
static const char *const no_events[] = {"walk", "trap", "stale", "freed", NULL};

void catch_words(void (*fn)(void *, const char *), void *opaque)
{
    for (unsigned i = 0; no_events[i]; i++)
        fn(opaque, no_events[i]);
    for (unsigned i = 0; i < ins_nevent_groups; i++)
        fn(opaque, ins_event_groups[i].word);
    for (unsigned i = 1; i < R_COUNT; i++) {
        fn(opaque, ins_reasons[i].word);
        fn(opaque, ins_reasons[i].kind);
    }
}

enum command_status catch_unknown(struct answer *a, const char *verb,
                                  const char *word)
{
    struct word_nearest near = {.typed = word};
    char text[80];
    if (!strcmp(word, "off"))
        return fail(a, CMD_BAD,
                    "%s: off: delete fault ends that catch; delete alone, all",
                    verb);
    for (unsigned i = 0; no_events[i]; i++)
        if (!strcmp(word, no_events[i]))
            return fail(a, CMD_BAD,
                        "%s: %s: not an event (tcatch %s, then continue)", verb,
                        word, word);
    catch_words(nearest_offer, &near);
    return fail(a, CMD_BAD, "%s: %s: no event, kind or reason%s", verb, word,
                *near.best ? word_hint(&near, text, sizeof text)
                           : " (catch alone lists them)");
}

static void kind_list(struct answer *a, struct json *j)
{
    for (unsigned i = 1; i < R_COUNT; i++) {
        const struct ins_reason_word *r = &ins_reasons[i];
        json_add(j, "{word:%s kind:%s sentence:%s}", r->word, r->kind,
                 r->sentence);
        say(a, "  %-13s %-8s %s\n", r->word, r->kind, r->sentence);
    }
}

static enum command_status catch_list(struct answer *a)
{
    say(a, "catch EVENT [pid N | if EXPR] stops at\n"
           "  walk                   the hart's next page walk "
           "(then step-walk; no if)\n"
           "  trap                   any trap or interrupt (no if)\n"
           "  stale [all]            a use of a translation that the page "
           "table no longer\n"
           "                         gives, too late for a flush (a sin); all: "
           "any such use\n"
           "  freed                  a program's use, or a device's transfer, "
           "of a free frame\n");
    for (unsigned i = 0; i < ins_nevent_groups; i++)
        say(a, "  %-22s %s\n", ins_event_groups[i].word,
            ins_event_groups[i].sentence);
    say(a, "or at events by their reason, or all of a kind:\n"
           "  reason        kind\n");
    json_open(&a->j, NULL, '[');
    kind_list(a, &a->j);
    json_close(&a->j, ']');
    return finish_json(a);
}

static enum command_status add_catch(struct answer *a, const char *args,
                                     bool once)
{
    struct stopper b = {.kind = BY_CATCH_EVENT, .once = once};
    u64 at;
    if (!args_more(&args))
        return catch_list(a);
    if (!args_event(&args, b.text, sizeof b.text) &&
        !args_word(a, &args, b.text, sizeof b.text, "an event"))
        return CMD_BAD;
    if (!strcmp(b.text, "walk"))
        b.kind = BY_CATCH_WALK;
    else if (!strcmp(b.text, "trap"))
        b.kind = BY_CATCH_TRAP;
    else if (!strcmp(b.text, "stale") || !strcmp(b.text, "freed"))
        stale_words(&args, &b);
    else if (!(b.reasons = inspect_reason_mask(b.text)))
        return catch_unknown(a, once ? "tcatch" : "catch", b.text);
    b.fault = b.reasons == inspect_reason_mask("fault");
    bool plain = b.kind == BY_CATCH_WALK || b.kind == BY_CATCH_TRAP;
    if (plain ? !args_end(a, args) : !take_condition(a, args, &b))
        return CMD_BAD;
    const struct stopper *added = add_stopper(a, &b);
    if (added && b.kind == BY_CATCH_STALE)
        stale_update(a->s);
    enum command_status status = tell_added(a, added);
    if (status == CMD_OK && b.fault && a->to->who == IN_PROMPT &&
        inspect_symbol(a->s->m, "page_fault", &at))
        say(a, "(a fault is told when it has been served; break page_fault "
               "stops before)\n");
    return status;
}

enum command_status cmd_catch(struct answer *a, const char *args)
{
    return add_catch(a, args, false);
}

enum command_status cmd_tcatch(struct answer *a, const char *args)
{
    return add_catch(a, args, true);
}

/* Deletes the catches of a word (`delete fault`). False: there is none. */
static bool delete_catches(struct session *s, const char *word)
{
    bool found = false;
    u64 reasons = inspect_reason_mask(word);
    for (unsigned i = 0; i < STOPPERS; i++) {
        struct stopper *b = &s->run.stoppers[i];
        if (b->number && b->kind >= BY_CATCH_EVENT &&
            (!strcmp(b->text, word) ||
             (b->kind == BY_CATCH_STALE &&
              !strcmp(word, b->freed ? "freed" : "stale")) ||
             (reasons && b->reasons == reasons))) {
            stopper_forget(b);
            found = true;
        }
    }
    if (found && s->run.going)
        stoppers_arm(s);
    return found;
}

enum command_status cmd_delete(struct answer *a, const char *args)
{
    struct session *s = a->s;
    u64 number = 0;
    unsigned found = 0;
    bool all = !args_more(&args) || word_same(args, "all");
    if (!all && delete_catches(s, args)) {
        stale_update(s);
        return CMD_OK;
    }
    if (!all && (!args_value(a, &args, &number,
                             "a breakpoint's number or a caught event") ||
                 !args_end(a, args)))
        return CMD_BAD;
    for (unsigned i = 0; i < STOPPERS; i++)
        if (s->run.stoppers[i].number &&
            (all || s->run.stoppers[i].number == number)) {
            stopper_forget(&s->run.stoppers[i]);
            found++;
        }
    if (s->run.going)
        stoppers_arm(s);
    if (found)
        stale_update(s);
    if (all && a->to->who == IN_PROMPT && !a->json) /* files need no answer */
        say(a, "%u deleted\n", found);
    if (!found && !all)
        return fail(a, CMD_BAD, "delete: no breakpoint or catch %llu", number);
    return CMD_OK;
}

enum command_status info_breakpoints(struct answer *a, const char *args)
{
    if (!args_end(a, args))
        return CMD_BAD;
    unsigned n = 0;
    json_open(&a->j, NULL, '[');
    for (unsigned i = 0; i < STOPPERS; i++) {
        const struct stopper *b = &a->s->run.stoppers[i];
        if (!b->number)
            continue;
        n++;
        json_add(&a->j, "{number:%u kind:%s what:%s hits:%llu}", b->number,
                 kind_word(b), b->text, b->hits);
        say(a, "%-4u %-10s %-30s %llu hit%s%s\n", b->number, kind_word(b),
            b->text, b->hits, b->hits == 1 ? "" : "s", b->once ? ", once" : "");
    }
    if (!n)
        say(a, "nothing stops the machine: break, watch or catch would\n");
    json_close(&a->j, ']');
    return finish_json(a);
}
