/* SPDX-License-Identifier: MIT */
/* `why VA [PID]`: what became of a page of a process, whichever frames it was
 * in: when it was first touched, went to swap, came back. */
#include "monitor/session.h"

#define SHOWN 40

struct page_events {
    u64 vpn;
    u32 pid; /* 0: of any process */
    struct ins_event e[SHOWN];
    unsigned n, more;
};

static bool look(void *opaque, const struct ins_event *e)
{
    struct page_events *p = opaque;
    if (!e->va || e->va >> PAGE_SHIFT != p->vpn ||
        (p->pid && e->space != p->pid))
        return true;
    if (p->n < SHOWN)
        p->e[p->n++] = *e;
    else
        p->more++;
    return true;
}

static void head(struct session *s, u64 va, u32 pid)
{
    struct walk w;
    u64 pa;
    say(s, "page 0x%llx", (unsigned long long)(va >> PAGE_SHIFT << PAGE_SHIFT));
    if (!pid)
        say(s, " of any process\n");
    else if (!inspect_walk(s->m, va, pid, ACC_LOAD, &w, &pa))
        say(s, " of pid %u, which has ended\n", pid);
    else if (w.phase == WALK_FILLED)
        say(s, " of pid %u is in frame %llu\n", pid,
            (unsigned long long)(pa - RAM_BASE) >> PAGE_SHIFT);
    else
        say(s, " of pid %u is not mapped now (walk 0x%llx %u says why)\n", pid,
            (unsigned long long)va, pid);
}

bool why_page(struct session *s, u64 va, u32 pid, enum command_status *status)
{
    struct page_events p = {.vpn = va >> PAGE_SHIFT, .pid = pid};
    struct json j = {0};
    u64 looked = inspect_events_each(s->events, look, &p);
    if (!p.n && !pid)
        return false;
    if (!s->json)
        head(s, va, pid);
    json_open(&j, NULL, '{');
    json_hex(&j, "va", p.vpn << PAGE_SHIFT);
    json_u64(&j, "pid", pid);
    if (p.n)
        events_head(s);
    events_list(s, &j, "events", p.e, p.n);
    json_u64(&j, "more", p.more);
    json_close(&j, '}');
    if (!s->json && p.more)
        say(s, "and %u before these\n", p.more);
    if (!s->json && !p.n)
        say(s, "no event among the latest %llu is about it\n",
            (unsigned long long)looked);
    *status = finish_json(s, &j);
    return true;
}
