/* SPDX-License-Identifier: MIT */
/* Prints events of the kernel as lines, or as JSON. */
#include "inspect/events.h"
#include "inspect/words.h"
#include "monitor/run/run.h"

static void event_json(struct json *j, const struct ins_event *e)
{
    const char *sentence, *kept = inspect_kept(e, &sentence);
    json_add(j, "{number:%llu cycle:%llu pid:%u tid:%u", e->number, e->cycle,
             e->pid, e->tid ? e->tid : e->pid);
    if (e->pfn != LENS_NO_PFN)
        json_add(j, "pfn:%u from:%s to:%s", e->pfn, inspect_state_word(e->from),
                 inspect_state_word(e->to));
    json_str(j, "reason", inspect_reason_word(e->reason));
    if (kept)
        json_str(j, "kept", kept);
    json_str(j, "actor", inspect_actor_word(e->actor));
    if (e->va)
        json_hex(j, "va", e->va);
    if (e->fault_va)
        json_hex(j, "fault_va", e->fault_va);
    if (e->owner)
        json_u64(j, "owner", e->owner);
    if (inspect_fault_failed(e))
        json_bool(j, "failed", true);
    if (inspect_copied_from(e))
        json_u64(j, "source", e->source);
    if (e->pc)
        json_hex(j, "pc", e->pc);
    json_close(j, '}');
}

static void event_owner(struct answer *a, const struct ins_event *e)
{
    char owner[72];
    inspect_owner(a->s->m, e, false, owner, sizeof owner);
    say(a, "%s%s", *owner == ' ' ? "," : "", owner);
}

static void event_text(struct answer *a, const struct ins_event *e)
{
    say(a, "%14llu  pid %-5u ", e->cycle, e->pid);
    if (e->tid)
        say(a, "thread %u ", e->tid);
    if (e->pfn != LENS_NO_PFN && e->from == e->to)
        say(a, "frame %-6u stays %s: ", e->pfn, inspect_state_word(e->to));
    else if (e->pfn != LENS_NO_PFN)
        say(a, "frame %-6u %s -> %s: ", e->pfn, inspect_state_word(e->from),
            inspect_state_word(e->to));
    say(a, "%s (%s)", inspect_event_word(e), inspect_actor_word(e->actor));
    bool of_another = e->space != e->pid;
    if (of_another)
        event_owner(a, e);
    if (e->va)
        say(a, " at 0x%llx", e->va);
    if (inspect_copied_from(e))
        say(a, ", from frame %u", e->source);
    if (e->fault_va)
        say(a, ", for the fault at 0x%llx", e->fault_va);
    if (e->pc)
        say(a, ", pc 0x%llx", e->pc);
    if (!of_another)
        event_owner(a, e);
    say(a, "\n");
}

void events_list(struct answer *a, struct json *j, const char *key,
                 const struct ins_event *e, unsigned n)
{
    json_open(j, key, '[');
    for (unsigned i = 0; i < n; i++) {
        event_json(j, &e[i]);
        event_text(a, &e[i]);
    }
    json_close(j, ']');
}

void events_more(struct answer *a, u64 more, bool newer)
{
    if (more)
        say(a,
            "and %llu %s ones: info events N shows N, %u at most; --events "
            "FILE writes all\n",
            more, newer ? "newer" : "older", EVENTS_MOST);
}

void events_head(struct answer *a)
{
    say(a, "         cycle  process   what happened (who did it), the "
           "latest first\n");
}
