/* SPDX-License-Identifier: MIT */
/* Makes the terminal raw while the guest's console has it. Ctrl-A and a letter
 * are commands, as in QEMU. */
#include "base/ending.h"
#include "monitor/session/sources.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#define CTRL_A 1

/* The terminal's mode at the start; restored at exit, signal or crash. */
static struct termios tty_saved;
static volatile sig_atomic_t tty_is_raw;

static void restore(void)
{
    if (tty_is_raw)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &tty_saved);
    tty_is_raw = 0;
}

static void tty_setup(void)
{
    static bool done;
    if (done)
        return;
    done = true;
    tcgetattr(STDIN_FILENO, &tty_saved);
    atexit(restore);
    ending_undo(restore);
}

void tty_lent(bool lent)
{
    tty_setup();
    tty_is_raw = lent;
}

void tty_raw(struct session *s, bool on)
{
    if (!s->streams->tty || s->config->run || on == (tty_is_raw != 0))
        return;
    tty_setup();
    fflush(stdout);
    if (!on) {
        restore();
        return;
    }
    struct termios t = tty_saved;
    cfmakeraw(&t);
    t.c_oflag |= OPOST; /* our own lines end in a plain newline */
    tcsetattr(STDIN_FILENO, TCSADRAIN, &t);
    tty_is_raw = 1;
}

static void to_prompt(struct answer *a)
{
    struct session *s = a->s;
    bool ran = s->run.going;
    s->run.going = false;
    tty_raw(s, false);
    if (ran) {
        s->run.stopped = STOP_HALT;
        session_report(a);
    }
    prompt_start(s);
}

static void command_key(struct answer *a, char c)
{
    struct session *s = a->s;
    switch (c) {
    case 'c':
        to_prompt(a);
        break;
    case 'x':
        s->quit = true;
        break;
    case 'b':
        machine_break(s->m);
        break;
    case CTRL_A:
        machine_input(s->m, "\1", 1);
        break;
    case 'h':
    case '?':
        say(a,
            "Ctrl-A h  this help\n"
            "Ctrl-A c  monitor (the machine halts) and back\n"
            "Ctrl-A b  send a BREAK (then m: the kernel reports its memory)\n"
            "Ctrl-A x  quit\n"
            "Ctrl-A Ctrl-A  send Ctrl-A\n");
        break;
    }
}

void tty_keys(struct session *s)
{
    char buf[TTY_MOST];
    tty_give(s, buf, read(STDIN_FILENO, buf, sizeof buf));
}

void tty_give(struct session *s, char *buf, ssize_t got)
{
    char plain[TTY_MOST];
    size_t n = 0;
    if (got < 0 && errno == EINTR)
        return;
    if (got <= 0) { /* the terminal is gone: a window goes on without it */
        s->streams->tty = false;
        s->quit = s->config->panel != PANEL_WINDOW;
        return;
    }
    got = (ssize_t)streams_drop_answers(buf, (size_t)got);
    for (ssize_t i = 0; i < got; i++) {
        if (s->ctrl_a) {
            s->ctrl_a = false;
            if (n) /* the keys before Ctrl-A */
                machine_input(s->m, plain, n);
            n = 0;
            command_key(&(struct answer){.s = s, .to = &s->person}, buf[i]);
        } else if (buf[i] == CTRL_A) {
            s->ctrl_a = true;
        } else {
            plain[n++] = buf[i];
        }
    }
    if (n) {
        machine_input(s->m, plain, n);
        card_typed(s);
    }
}
