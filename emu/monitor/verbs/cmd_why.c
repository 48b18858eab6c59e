/* SPDX-License-Identifier: MIT */
/* Every `why` begins here. number.c answers for counters, levels and columns,
 * why_frame.c for frames and for words such as dirty, why_page.c for addresses.
 */
#include "inspect/events.h"
#include "inspect/frames.h"
#include "inspect/numbers.h"
#include "inspect/process.h"
#include "inspect/words.h"
#include "monitor/verbs/verbs.h"

#include <ctype.h>

/* ---- why ------------------------------------------------------------- */

/* Answers for a number such as vm.free or walker.cycles: tells its meaning and
 * the events that move it, if any. The value is not read as a frame number. */
static bool why_value(struct answer *a, const char *word,
                      enum command_status *status)
{
    struct session *s = a->s;
    struct ins_condition c;
    u64 v;
    if (!inspect_counter(s->m, word, &v)) /* then names.def, e.g. cycle */
        if (!s->env.named_number(s->env.opaque, word, &v))
            return false;
    const char *last = strncmp(word, "vm.", 3) ? NULL : word + 3;
    if (last && inspect_condition(last, &c)) {
        *status = why_condition(a, &c);
        return true;
    }
    if (last && inspect_gauge_id(last) >= 0)
        return number_answer(a, last, true);
    say(a, "%s is %llu: no event says what made it\n", word, v);
    *status = explain_knows(s, word) ? cmd_explain(a, word) : CMD_OK;
    return true;
}

/* True: the text is a word and no expression such as event.pfn, 0x2a0, $a0,
 * u32[...]. */
static bool is_plain_word(const char *p, size_t n)
{
    static const char *const frames[] = {"event.", "page.", "let.", "mark.",
                                         "walk."};
    for (unsigned i = 0; i < ARRAY_LEN(frames); i++)
        if (!strncmp(p, frames[i], strlen(frames[i])))
            return false;
    for (size_t i = 0; i < n; i++)
        if (!isalnum((u8)p[i]) && !strchr("._-~%/", p[i]))
            return false;
    return n && !isdigit((u8)*p) && *p != '-';
}

static enum command_status why_nothing(struct answer *a)
{
    say(a, "why PFN         the events of a frame, newest first\n"
           "why VA [PID]    the events of a page, whichever frames it was in\n"
           "why dirty PFN   the event that made it dirty (or free, anon, "
           "locked, ...)\n"
           "why dirty       what makes frames dirty, how often; the latest\n"
           "why evict       the latest events of a kind (catch lists kinds)\n"
           "why pgfault     the events that made a counter, by process\n"
           "why vmstat.sr   the events that made a column of an output\n");
    return a->json ? fail(a, CMD_BAD,
                          "why: a frame number, or a word, is "
                          "missing")
                   : CMD_OK;
}

static enum command_status why_unknown(struct answer *a, const char *word)
{
    struct word_nearest near = {.typed = word};
    char text[80];
    const char *type = everyday(word, "");
    u64 pid;
    if (process_named(a->s, word, strlen(word), &pid))
        return fail(a, CMD_BAD,
                    "why: %.40s is a process: info frames pid %llu, pmap %llu",
                    word, pid, pid);
    if (type)
        snprintf(text, sizeof text, "; did you mean %s?", type);
    else
        explain_words(a->s, nearest_offer, &near);
    return fail(a, CMD_BAD,
                "why: %.40s: neither a frame's number nor a word "
                "known here%s",
                word, type ? text : word_hint(&near, text, sizeof text));
}

/* Answers why VA [PID]. False: VA is a frame's number or lies in RAM; or no
 * process is given, and no event is known. */
static bool why_address(struct answer *a, const char *args,
                        enum command_status *status)
{
    struct session *s = a->s;
    u64 va, pid = event_process(s, args);
    bool of_event = args_event_va(args);
    *status = CMD_BAD;
    if (!args_value(a, &args, &va, "a frame number"))
        return true;
    if (of_event && !va)
        return *status = event_no_address(a, "why"), true;
    if (va < s->m->ram_bytes >> PAGE_SHIFT || va == LENS_NO_PFN ||
        va - RAM_BASE < s->m->ram_bytes)
        return false;
    if (args_more(&args) && !args_pid(a, &args, &pid))
        return true;
    if (pid > 0xffffffff)
        return fail(a, CMD_BAD, "why: no process has the number %llu", pid),
               true;
    return !args_end(a, args) || why_page(a, va, (u32)pid, status);
}

static enum command_status why_word(struct answer *a, const char *word,
                                    const char *rest)
{
    struct ins_condition c;
    enum command_status status = CMD_OK;
    u64 pfn, reasons;
    bool more = args_more(&rest);
    if (!strncmp(word, "state.", 6))
        word += 6;
    bool condition = inspect_condition(word, &c);
    reasons = condition ? 0 : inspect_reason_mask(word);
    if (more && (condition || reasons)) {
        if (why_address(a, rest, &status)) /* all events of the page */
            return status;
        if (!args_frame(a, &rest, "why", &pfn) || !args_end(a, rest))
            return CMD_BAD;
        return why_frame_is(a, pfn, condition ? &c : NULL, reasons, word);
    }
    if (more)
        return fail(a, CMD_BAD,
                    "why: %.40s: no state or mark of a frame, and "
                    "no event (info frames and catch list them)",
                    word);
    if (condition)
        return why_condition(a, &c);
    if (reasons)
        return why_events(a, word, reasons);
    if (why_value(a, word, &status))
        return status;
    if (!explain_knows(a->s, word))
        return why_unknown(a, word);
    return cmd_explain(a, word);
}

enum command_status cmd_why(struct answer *a, const char *args)
{
    char line[120];
    args_frame_words(&args);
    char word[64];
    u64 pfn;
    if (!args_more(&args))
        return why_nothing(a);
    enum command_status status;
    if (number_answer(a, args, true)) /* names of columns may have blanks */
        return CMD_OK;
    size_t n = strcspn(args, " \t");
    if (n < sizeof word && is_plain_word(args, n)) {
        snprintf(word, sizeof word, "%.*s", (int)n, args);
        return why_word(a, *word == '~' ? word + 1 : word, args + n);
    }
    if (why_address(a, args, &status))
        return status;
    if (!args_frame(a, &args, "why", &pfn))
        return CMD_BAD;
    if (args_more(&args) && is_plain_word(args, strlen(args)) &&
        strlen(args) < sizeof word) { /* why 25 dirty */
        snprintf(word, sizeof word, "%s", args);
        snprintf(line, sizeof line, " %llu", pfn);
        return why_word(a, word, line);
    }
    return args_end(a, args) ? why_frame(a, pfn) : CMD_BAD;
}
