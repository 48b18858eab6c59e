/* SPDX-License-Identifier: MIT */
/* Answers q and Q packets. */
#include "gdb/internal.h"
#include "inspect/words.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- features ----------------------------------------------------------- */

static bool reply_supported(struct gdb *g, struct args *a)
{
    while (!args_over(a)) {
        args_skip(a, a->p[0] == ':' ? ':' : ';');
        struct args word = *a;
        g->swbreak |= args_begins(&word, "swbreak+");
        word = *a;
        g->hwbreak |= args_begins(&word, "hwbreak+");
        while (!args_over(a) && *a->p != ';')
            a->p++;
    }
    reply_text(g,
               "PacketSize=%x;QStartNoAckMode+;qXfer:features:read+;"
               "qXfer:threads:read+;swbreak+;hwbreak+;vContSupported+;"
               "ReverseStep+;ReverseContinue+",
               PACKET_MAX);
    if (g->m->symbols_file)
        reply_text(g, ";qXfer:exec-file:read+");
    return true;
}

/* ---- threads ------------------------------------------------------------ */

struct list {
    struct gdb *g;
    unsigned skip, room;
};

static void list_thread(struct list *l, u32 thread)
{
    if (l->skip) {
        l->skip--;
        return;
    }
    if (!l->room)
        return;
    l->room--;
    reply_text(l->g, "%c%x", l->g->reply.n ? ',' : 'm', thread);
    l->g->listed++;
}

static void list_task(void *list, const struct ins_proc *p)
{
    if (p->pid < GDB_HART)
        list_thread(list, p->pid);
}

/* Replies with as many of the next threads as a packet takes; `l`: no more. */
static bool reply_threads(struct gdb *g)
{
    struct list l = {g, g->listed, PACKET_MAX / 8};
    if (thread_current(g) == GDB_HART)
        list_thread(&l, GDB_HART);
    inspect_tasks(g->m, list_task, &l);
    if (!g->reply.n)
        reply_text(g, "l");
    return true;
}

static bool reply_thread_info(struct gdb *g, struct args *a)
{
    u32 thread;
    struct ins_proc p = {.name = "hart"};
    char text[80];
    if (!args_thread(a, &thread) || !args_over(a) || !thread_alive(g, thread))
        return reply_bad(g);
    if (!inspect_task(g->m, thread, &p))
        snprintf(text, sizeof text, "hart");
    else
        snprintf(text, sizeof text, "%s, %s", p.name,
                 inspect_proc_state_word(p.state));
    reply_hex(g, text, strlen(text));
    return true;
}

/* ---- objects, in pieces ------------------------------------------------- */

/* Returns the file from which gdb reads symbols if its user named none. */
static char *exec_file(struct gdb *g, size_t *n)
{
    char path[PATH_MAX];
    const char *file = g->m->symbols_file;
    char *text = xstrdup(file && realpath(file, path) ? path : "");
    *n = strlen(text);
    return text;
}

static const struct {
    const char *name;
    char *(*make)(struct gdb *g, size_t *n);
} objects[] = {{"features:read:target.xml:", describe_target},
               {"threads:read::", describe_threads},
               {"exec-file:read:", exec_file}};

static bool reply_piece(struct gdb *g, struct args *a, unsigned which)
{
    u64 offset, n, pid;
    size_t taken;
    struct gdb_reply *r = &g->reply;
    if (objects[which].make == exec_file && !args_over(a) && *a->p != ':' &&
        !args_hex(a, &pid))
        return reply_bad(g);
    if (objects[which].make == exec_file && !args_skip(a, ':'))
        return reply_bad(g);
    if (!args_hex(a, &offset) || !args_skip(a, ',') || !args_hex(a, &n) ||
        !args_over(a))
        return reply_bad(g);
    if (!offset || !g->object || g->which != which) {
        /* later pieces come from the text made for the first */
        free(g->object);
        g->which = which;
        g->object = objects[which].make(g, &g->nobject);
    }
    if (offset > g->nobject)
        return reply_bad(g);
    size_t left = g->nobject - offset, room = sizeof r->data - 1;
    if (room > n)
        room = n;
    r->n = 1 + packet_escape((u8 *)g->object + offset, left, r->data + 1, room,
                             &taken);
    r->data[0] = taken == left ? 'l' : 'm';
    return true;
}

static bool reply_object(struct gdb *g, struct args *a)
{
    for (unsigned i = 0; i < ARRAY_LEN(objects); i++)
        if (args_begins(a, objects[i].name))
            return reply_piece(g, a, i);
    return true;
}

/* ---- monitor ------------------------------------------------------------ */

#define LINE_MOST 4096

static bool run_command(struct gdb *g, struct args *a)
{
    char line[LINE_MOST + 1];
    size_t n = 0;
    int byte = 0;
    for (; !args_over(a) && n < LINE_MOST; a->p += 2) {
        if ((byte = packet_hex_byte(a->p, a->end)) <= 0)
            return reply_bad(g);
        line[n++] = (char)byte;
    }
    line[n] = 0;
    if (!args_over(a) || strchr(line, '\n'))
        return reply_bad(g);
    g->commanding = true;
    bool moved = remote_command(&g->remote, line, server_console, g);
    g->commanding = false;
    if (moved)
        server_console(g,
                       "(the machine has moved: maintenance flush "
                       "register-cache shows gdb where it is)\n",
                       false);
    g->reply.n = 0;
    return reply_ok(g);
}

/* ---- the tables --------------------------------------------------------- */

bool packet_query(struct gdb *g, struct args *a)
{
    if (args_begins(a, "Supported"))
        return reply_supported(g, a);
    if (args_begins(a, "Xfer:"))
        return reply_object(g, a);
    if (args_begins(a, "Rcmd,"))
        return run_command(g, a);
    if (args_begins(a, "fThreadInfo")) {
        g->listed = 0;
        return reply_threads(g);
    }
    if (args_begins(a, "sThreadInfo"))
        return reply_threads(g);
    if (args_begins(a, "ThreadExtraInfo,"))
        return reply_thread_info(g, a);
    if (args_begins(a, "Attached"))
        reply_text(g, "1"); /* so quitting gdb detaches and does not kill */
    else if (args_begins(a, "Symbol::"))
        reply_text(g, "OK");
    else if (args_begins(a, "qemu.PhyMemMode"))
        reply_text(g, "%d", g->physical);
    else if (args_begins(a, "C") && args_over(a))
        reply_text(g, "QC%x", thread_current(g));
    return true;
}

/* QEMU's PhyMemMode: 1 if memory packets take physical addresses, else 0. */
bool packet_set(struct gdb *g, struct args *a)
{
    u64 v;
    if (args_begins(a, "StartNoAckMode")) {
        g->no_ack = true; /* server.c has acknowledged this packet */
        return reply_ok(g);
    }
    if (args_begins(a, "qemu.PhyMemMode:")) {
        if (!args_hex(a, &v) || !args_over(a) || v > 1)
            return reply_bad(g);
        g->physical = v;
        return reply_ok(g);
    }
    return true;
}
