/* SPDX-License-Identifier: MIT */
/* Internal to gdb/: declarations shared by its files. */
#pragma once

#include "gdb/gdb.h"
#include "gdb/packet.h"
#include "gdb/remote.h"
#include "inspect/task.h"

/* The thread that is the hart itself. Tasks are threads below this number. */
#define GDB_HART 0x10000u

struct gdb_reply {
    size_t n;
    u8 data[PACKET_MAX];
};

struct gdb {
    struct machine *m;
    struct remote remote; /* the session */

    /* server.c */
    int listener, client, epoll; /* client -1: none */
    char *path;                  /* of a socket in the file system, or NULL */
    char where[24];              /* if path is NULL: localhost and its port */
    struct packet_parser in;
    bool no_ack;
    bool leaves; /* detached: disconnect after this packet's reply */
    u8 frame[PACKET_FRAME];
    size_t nframe; /* the last packet sent, to be sent again on `-` */

    /* requested by gdb */
    bool swbreak, hwbreak; /* gdb understands these stop replies */
    u32 thread;            /* Hg: a task or GDB_HART; 0: the current one */
    bool physical;         /* m, M and X take physical addresses */

    bool awaits;     /* gdb let the machine run and waits for a stop reply */
    bool commanding; /* a `monitor` command, bc or bs is executed */
    unsigned listed; /* threads sent since qfThreadInfo */
    char *object;    /* the text that qXfer sends in pieces */
    unsigned which;  /* the object's row in query.c */
    size_t nobject;
    struct ins_task_layout layout;
    struct gdb_reply reply;
};

/* ---- building the reply (stub.c) ---------------------------------------- */
void reply_text(struct gdb *g, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void reply_hex(struct gdb *g, const void *bytes, size_t n);
void reply_error(struct gdb *g, unsigned number); /* replaces the reply */
/* These return true, which a packet's function returns if it has a reply. */
bool reply_bad(struct gdb *g);
bool reply_ok(struct gdb *g);
enum { GDB_E_REQUEST = 1, GDB_E_MEMORY = 14, GDB_E_MANY = 28 };

/* The rest of a packet, which is not read yet. */
struct args {
    const u8 *p, *end;
};
bool args_hex(struct args *a, u64 *value);          /* false: no number */
bool args_skip(struct args *a, char c);             /* false: c is not next */
bool args_begins(struct args *a, const char *word); /* true: skips it */
static inline bool args_over(const struct args *a)
{
    return a->p == a->end;
}
/* Reads a thread's number; 0 and -1, which mean any thread, give 0. */
bool args_thread(struct args *a, u32 *thread);

/* stub.c: executes a packet. True: g->reply is its reply; false: none (yet). */
bool stub_packet(struct gdb *g, const u8 *data, size_t n);

/* ---- server.c ----------------------------------------------------------- */
void server_send(struct gdb *g); /* g->reply, as a packet */
/* Sends text to gdb's console. Call it only while gdb waits for a reply. */
void server_console(void *gdb, const char *text, bool json);
const char *gdb_where(const struct gdb *g); /* for `target remote` */

/* ---- threads (registers.c) ---------------------------------------------- */
u32 thread_current(struct gdb *g);              /* a task, or GDB_HART */
bool thread_is_hart(struct gdb *g, u32 thread); /* has the hart's registers */
bool thread_alive(struct gdb *g, u32 thread);
/* Reads register n of the thread; all have 8 bytes. */
enum register_known { REGISTER_NONE, REGISTER_UNKNOWN, REGISTER_KNOWN };
enum register_known register_read(struct gdb *g, u32 thread, u64 n, u64 *v);
bool register_write(struct gdb *g, u32 thread, u64 n, u64 v);
#define GDB_CORE_REGISTERS 33 /* x0 to x31 and pc: packet g */

/* ---- packets ------------------------------------------------------------ */
bool packet_registers(struct gdb *g, struct args *a);     /* g */
bool packet_registers_set(struct gdb *g, struct args *a); /* G */
bool packet_register(struct gdb *g, struct args *a);      /* p */
bool packet_register_set(struct gdb *g, struct args *a);  /* P */
bool packet_memory(struct gdb *g, struct args *a);        /* m */
bool packet_memory_set(struct gdb *g, struct args *a);    /* M */
bool packet_memory_binary(struct gdb *g, struct args *a); /* X */
bool packet_insert(struct gdb *g, struct args *a);        /* Z */
bool packet_remove(struct gdb *g, struct args *a);        /* z */
bool packet_why(struct gdb *g, struct args *a);           /* ? */
bool packet_continue(struct gdb *g, struct args *a);      /* c, C */
bool packet_step(struct gdb *g, struct args *a);          /* s, S */
bool packet_back(struct gdb *g, struct args *a);          /* b */
bool packet_vcont(struct gdb *g, struct args *a);         /* vCont */
bool packet_query(struct gdb *g, struct args *a);         /* q */
bool packet_set(struct gdb *g, struct args *a);           /* Q */
/* Sends the stop reply if gdb waits for one and the machine has stopped.
 * resume.c */
void resume_report(struct gdb *g);

/* ---- describe.c: texts of n bytes, which the caller frees --------------- */
char *describe_target(struct gdb *g, size_t *n);
char *describe_threads(struct gdb *g, size_t *n);
