/* SPDX-License-Identifier: MIT */
/* Says why the machine stopped and where it stands, for people or as JSON. */
#include "inspect/events.h"
#include "inspect/numbers.h"
#include "inspect/parts.h"
#include "inspect/progress.h"
#include "inspect/stale.h"
#include "inspect/symbols.h"
#include "monitor/run/run.h"

void session_position(struct session *s, char *buf, size_t n)
{
    char where[80];
    struct ins_insn in = {.text = "(its page is not in memory)"};
    u64 pc = s->m->hart.pc;
    inspect_insn(s->m, pc, false, &in);
    if (inspect_name_at(s->sources, pc, where, sizeof where))
        snprintf(buf, n, "0x%llx <%s> %s", pc, where, in.text);
    else
        snprintf(buf, n, "0x%llx %s", pc, in.text);
}

static const char *const stop_words[] = {
    [STOP_NONE] = "running",      [STOP_DONE] = "done",
    [STOP_OFF] = "off",           [STOP_BREAK] = "breakpoint",
    [STOP_WATCH] = "watchpoint",  [STOP_CATCH] = "catch",
    [STOP_WALK] = "walk",         [STOP_LIMIT] = "limit",
    [STOP_HUNG] = "hung",         [STOP_HALT] = "halted",
    [STOP_ENDED] = "ended",       [STOP_REPLAYED] = "replayed",
    [STOP_DEPARTED] = "departed",
};

bool event_under_way(struct session *s, struct ins_event *e)
{
    static const u64 maps = 1ull << R_DEMAND_ZERO | 1ull << R_STACK_GROW |
                            1ull << R_COW_COPY | 1ull << R_PAGE_IN |
                            1ull << R_SWAP_IN | 1ull << R_FAULT_HUGE |
                            1ull << R_COLLAPSE;
    if (s->run.going || s->run.stopped != STOP_CATCH || !s->run.stopper ||
        !s->run.stopper->reasons || !inspect_lens_open(s->m))
        return false;
    *e = inspect_caught_recorded(s->m, s->events);
    return e->reason < 64 && maps >> e->reason & 1 && e->pfn != LENS_NO_PFN;
}

/* Names the innermost kernel functions (up to 4) that led to the event, except
 * lens_report and page_set_state, which reported it. False: the call stack
 * cannot be read. */
static bool event_place(struct session *s, char *buf, size_t n)
{
    static const char *const tells[] = {"lens_report", "page_set_state"};
    u64 pc[16];
    unsigned depth = inspect_backtrace(s->sources, pc, ARRAY_LEN(pc)),
             shown = 0;
    char where[80];
    size_t at = 0;
    for (unsigned i = 0; i < depth && shown < 4 && at < n; i++) {
        bool skip = false;
        if (!inspect_symbol_at(s->m, i ? pc[i] - 1 : pc[i], where,
                               sizeof where))
            break;
        where[strcspn(where, "+")] = 0;
        for (unsigned k = 0; k < ARRAY_LEN(tells); k++)
            skip |= !strcmp(where, tells[k]);
        if (!skip)
            at = append(buf, n, at, "%s%s",
                        shown++ ? " < " : "in the kernel's ", where);
    }
    return shown;
}

/* Writes the place at which the machine stands. At an event: the kernel's
 * functions that led to it, and the program's instruction that caused it, if
 * that is known. */
static void stop_place(struct session *s, char *buf, size_t n)
{
    if (s->run.stopped == STOP_CATCH && s->run.stopper &&
        s->run.stopper->reasons && inspect_lens_open(s->m) &&
        event_place(s, buf, n)) {
        struct ins_event e = inspect_caught_recorded(s->m, s->events);
        size_t at = strlen(buf);
        if (e.pc)
            snprintf(buf + at, n - at,
                     ", for the program's instruction at 0x%llx", e.pc);
        return;
    }
    session_position(s, buf, n);
}

/* True: the walk at the previous stop was for the same access, and page faults
 * have been served since. So that walk ended in a fault, and the instruction is
 * retried. */
static bool walks_again(struct session *s)
{
    const struct hart *h = &s->m->hart;
    struct walk_told *told = s->run.walks_told,
                     now = {h->cycle, s->m->mmu.walk.va, h->pc, h->satp, 0};
    inspect_counter(s->m, "pgfault", &now.faults);
    if (told[0].cycle != now.cycle) {
        told[1] = told[0];
        told[0] = now;
    }
    return told[1].va == now.va && told[1].pc == now.pc &&
           told[1].satp == now.satp && told[1].faults < now.faults;
}

static void stop_reason(struct session *s, char *buf, size_t n)
{
    const struct walk *w = &s->m->mmu.walk;
    const struct stopper *by = s->run.stopper;
    struct ins_event e;
    size_t at;
    *buf = 0;
    switch (s->run.stopped) {
    case STOP_OFF:
        snprintf(buf, n, "%s is off, status %d%s",
                 s->config->run ? "the command has ended: the machine"
                                : "the machine",
                 s->m->exit_status,
                 s->config->panel == PANEL_OFF ? ""
                 : s->config->panel == PANEL_TERM
                     ? "; its past can be visited: key , for the event before"
                     : "; its past can be visited: drag the time axis, or "
                       "key , for the event before");
        break;
    case STOP_HUNG:
        snprintf(buf, n, "%s",
                 inspect_lens_open(s->m)
                     ? "the guest is idle: it waits for a key, and nothing "
                       "else can wake it"
                     : "the hart waits for an interrupt that cannot "
                       "come");
        break;
    case STOP_REPLAYED:
        snprintf(buf, n, "the recording ends here");
        break;
    case STOP_DEPARTED:
        snprintf(buf, n, "%s", history_departure(s->m->past));
        break;
    case STOP_LIMIT:
        snprintf(buf, n, "the limit set on the command line is reached");
        break;
    case STOP_BREAK:
        snprintf(buf, n, "breakpoint %u", by->number);
        break;
    case STOP_WATCH:
        snprintf(buf, n, "watchpoint %u: %s", by->number, s->run.stop_text);
        break;
    case STOP_CATCH:
        at = by->number ? append(buf, n, 0, "catch %u: ", by->number) : 0;
        if (by->kind == BY_CATCH_TRAP ||
            (by->fault && !inspect_has_events(s->m))) {
            snprintf(buf + at, n - at, "%s", s->run.stop_text);
            break;
        }
        if (by->kind == BY_CATCH_STALE) {
            inspect_stale_words(s->m, inspect_stale_caught(s->stale), buf + at,
                                n - at);
            break;
        }
        e = inspect_caught_recorded(s->m, s->events);
        inspect_caption(s->m, &e, buf + at, n - at);
        break;
    default:
        if (s->run.stopped == STOP_DONE && inspect_trap_loop(s->m, buf, n))
            break;
        if (w->phase == WALK_ARMED)
            snprintf(buf, n, "before the walk of a %s at 0x%llx%s",
                     w->access == ACC_FETCH  ? "fetch"
                     : w->access == ACC_LOAD ? "load"
                                             : "store",
                     w->va,
                     walks_again(s) ? ", again: the walk before ended in a "
                                      "page fault, which has been served"
                                    : "");
    }
}

/* Returns the frame of the event that stopped the machine, or LENS_NO_PFN. */
static u32 caught_frame(struct session *s)
{
    struct ins_event e = inspect_caught_recorded(s->m, s->events);
    return s->run.stopper->reasons ? publish_frame(&s->show, &e) : LENS_NO_PFN;
}

static void report_json(struct answer *a, const char *text)
{
    struct session *s = a->s;
    const struct hart *h = &s->m->hart;
    struct source_row row;
    struct ins_code code;
    json_add(&a->j, "{stop:%s", stop_words[s->run.stopped]);
    if (s->run.stopper && s->run.stopper->number)
        json_u64(&a->j, "number", s->run.stopper->number);
    if (*text)
        json_str(&a->j, "text", text);
    json_add(&a->j, "pc:%#llx cycle:%llu instret:%llu", h->pc,
             machine_now(s->m), h->instret);
    if (s->run.stopped == STOP_OFF)
        json_s64(&a->j, "exit_status", s->m->exit_status);
    if (s->m->mmu.walk.phase == WALK_ARMED)
        json_hex(&a->j, "va", s->m->mmu.walk.va);
    if (s->run.stopped != STOP_OFF && line_here(s, &code, &row))
        json_add(&a->j, "file:%s line:%u", row.file, row.line);
    if (s->run.stopper && s->run.stopper->kind == BY_CATCH_STALE)
        stale_report(a);
    json_close(&a->j, '}');
    finish_json(a);
}

bool stops_silently(const struct answer *a)
{
    return a->to->in_file && !a->aloud && !a->s->config->verbose && !a->json;
}

void session_report(struct answer *a)
{
    struct session *s = a->s;
    char text[400], at[220], line[300];
    if (*s->run.failed)
        fail(a, CMD_BAD, "%s", s->run.failed);
    stop_reason(s, text, sizeof text);
    if (*text) {
        publish_caption(&s->show, text,
                        s->run.stopped == STOP_CATCH && inspect_has_events(s->m)
                            ? caught_frame(s)
                            : LENS_NO_PFN,
                        0);
        s->show.caption_cycle = inspect_cycle(s->m); /* of this stop */
    } else if (s->run.stopped == STOP_DONE && s->run.whose == IN_PANEL) {
        stop_place(s, at, sizeof at); /* a step */
        snprintf(line, sizeof line, "%s  cycle %llu", at, inspect_cycle(s->m));
        publish_caption(&s->show, line, LENS_NO_PFN, 0);
    }
    if (a->json) {
        report_json(a, text);
        return;
    }
    /* A guest that waits or traps for ever is an accident, so scripts report
     * it, too. */
    if (stops_silently(a) && s->run.stopped != STOP_HUNG &&
        !inspect_trap_loop(s->m, text, sizeof text))
        return;
    stop_place(s, at, sizeof at);
    if (*text)
        say(a, "%s\n", text);
    if (s->run.stopped != STOP_OFF)
        say(a, "%s  cycle %llu\n", at, inspect_cycle(s->m));
    if (s->run.stopper && s->run.stopper->kind == BY_CATCH_STALE) {
        stale_report(a);
        json_free(&a->j);
    }
    if (s->run.stopped == STOP_BREAK && session_line(s, line, sizeof line))
        say(a, "%s\n", line);
}
