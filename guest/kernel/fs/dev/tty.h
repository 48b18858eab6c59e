/* SPDX-License-Identifier: MIT */
/* The terminal on the serial port: line discipline, job control.
 *
 *   uart -> tty_input -> buffer -> tty_read     fs/dev/tty_input.c, tty_file.c
 *   uart <- tty_output <- tty_write, echo       fs/dev/tty.c, and both above
 *
 * There is one terminal, /dev/console = /dev/ttyS0. Behaviour is that of
 * POSIX 2017 chapter 11 with Linux's extensions (ECHOCTL, IUTF8, ...). */
#pragma once

#include "fs/vfs.h"
#include "task/wait.h"

#include <asm/termios.h>

#define TTY_BUFFER 4096 /* bytes of input kept; a line holds one less */

struct tty {
    struct termios tio;
    struct winsize win;
    u32 session, pgrp; /* its session and foreground group; 0: none */

    /* Input. head, canon and tail are counts, not indices; tail <= canon <=
     * head. Between tail and canon are finished lines, each ending at a byte
     * that is marked in `ends`; after canon is the line being typed. */
    u32 head, canon, tail;
    u8 buffer[TTY_BUFFER];
    u8 ends[TTY_BUFFER / 8];
    bool literal; /* after VLNEXT: the next byte is data */

    u32 column, line_column; /* output column now; when the line began */
    bool stopped;            /* output is held by VSTOP */
    struct waitq readers, writers;
    struct list async; /* files with O_ASYNC: fs/async.h */
};

extern struct tty console_tty;
extern const struct file_ops tty_ops;

void tty_init(void); /* starts the serial port, too */

/* fs/dev/tty_input.c. => callable from an interrupt */
bool tty_has_room(void);
void tty_input(u8 c);
void tty_flush_input(struct tty *t);
/* Converts the input typed so far if ICANON is not as in old_lflag. */
void tty_mode_changed(struct tty *t, u32 old_lflag);

/* fs/dev/tty.c. */
void tty_kernel_write(const char *bytes, size_t n);
/* Processes output and sends it to the port; never sleeps. */
void tty_output(struct tty *t, const u8 *bytes, size_t n);
static inline bool tty_in_range(u8 c)
{
    return c >= 0x20 && c != 0x7f;
}

/* fs/dev/tty_ioctl.c. */
s64 tty_ioctl(struct file *f, u32 cmd, u64 arg);
/* Job control: 0 if the running process may read the terminal (SIGTTIN) or
 * change it (SIGTTOU); -EIO: sig cannot stop it; -ERESTARTSYS: sig was sent. */
int tty_check_change(struct tty *t, int sig);
/* Makes t the controlling terminal of current's session. */
void tty_acquire(struct tty *t);
/* On a session leader's exit or TIOCNOTTY: its session loses the terminal. */
void tty_session_exit(struct proc *leader);

/* Returns tty_nr of /proc/PID/stat: 0 without a terminal. */
u32 tty_number(struct tty *t);
