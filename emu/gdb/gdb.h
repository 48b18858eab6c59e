/* SPDX-License-Identifier: MIT */
/* gdb's remote serial protocol: the machine as gdb's target (gdb 13).
 *
 *   packet.c     framing: checksums, escapes, run lengths; no socket or machine
 *   server.c     the socket, on this host only; one client at a time
 *   stub.c       the table of packets
 *   query.c      q packets: features, threads, qXfer's objects by pieces
 *   describe.c   the target description and the list of threads, as XML
 *   registers.c  registers by gdb's numbers, of the hart or of a task
 *   memory.c     memory through an address space, or physical
 *   resume.c     run, step, back, stop replies; break- and watchpoints
 *   remote.c     what resume.c needs of the session: stops, steps, commands
 *   verb.c       the verb gdb
 *
 * A thread is a task of the guest, by its number. The running task has the
 * hart's registers and address space; any other task has its own address space
 * and the registers that the kernel has saved. While no task runs, or the
 * guest's tasks are unknown, the hart itself is the thread GDB_HART. */
#pragma once

#include "machine/machine.h"
#include "monitor/monitor.h"

struct gdb;
/* Listens at `where`: a TCP port of localhost (0: any free port) or
 * `unix:PATH`. Dies with one line (status 2) if it is malformed or in use. */
struct gdb *gdb_listen(const char *where);
/* Makes the session serve gdb's packets. Returns the argument for gdb's `target
 * remote`. */
const char *gdb_attach(struct gdb *g, struct session *s, struct machine *m);
/* If gdb waits for a stop, tells it the session's status; closes the socket. */
void gdb_free(struct gdb *g, int status);

/* For the verb gdb, which starts a real gdb at a terminal's prompt. */
struct gdb_verb {
    struct gdb *server; /* NULL: no port is open; the verb opens any */
    struct machine *m;
};
/* Registers the verb. *v must live as long as the session. */
void gdb_offer(struct gdb_verb *v, struct session *s);
