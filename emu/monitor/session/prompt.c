/* SPDX-License-Identifier: MIT */
/* Runs the prompt: readline with callbacks, so that the panel is served while a
 * line is typed. readline has one state, in globals, so a process has one
 * prompt. */
#include "base/ending.h"
#include "monitor/session/sources.h"

#include <ctype.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

#define PROMPT "(clockhand) "

static struct session *prompt_session;

/* ---- completion ------------------------------------------------------ */

static char *word_breaks(void)
{
    return complete_breaks(rl_line_buffer, (size_t)rl_point);
}

/* Returns the matches as readline wants them: [0] is their common beginning. */
static char **as_matches(struct words *c)
{
    size_t common;
    if (!c->n)
        return NULL;
    char *first = c->list[0], *last = c->list[c->n - 1];
    for (common = 0; first[common] && first[common] == last[common];)
        common++;
    char **m = xcalloc(c->n + 2, sizeof *m);
    m[0] = xcalloc(common + 1, 1);
    memcpy(m[0], first, common);
    memcpy(m + 1, c->list, c->n * sizeof *m);
    free(c->list);
    if (c->n == 1) {
        free(m[1]);
        m[1] = NULL;
    }
    return m;
}

static char **complete(const char *text, int start, UNUSED int end)
{
    struct words c = {.text = text, .length = strlen(text)};
    /* files are left to readline */
    rl_attempted_completion_over =
        complete_line(prompt_session, rl_line_buffer, (size_t)start, &c);
    return as_matches(&c);
}

/* ---- lines ----------------------------------------------------------- */

static bool in_verb; /* a verb is being executed */

/* Lines that were pasted together; only the last may lack its newline. Lines
 * after a verb that runs the machine wait until the machine stops, or the guest
 * would get them as keys. */
static char *pasted;

static void forget_pasted(void)
{
    free(pasted);
    pasted = NULL;
}

static int typed_ahead(void)
{
    int n = 0;
    return ioctl(STDIN_FILENO, FIONREAD, &n) ? 0 : n;
}

/* After a verb that gave the terminal to the guest, takes the n bytes that the
 * terminal held before the verb ran. They were pasted together with the verb,
 * in a terminal that does not mark pasted text. If a byte is no text, all bytes
 * read with it are keys for the guest, or Ctrl-A's commands. */
static void take_pasted(struct session *s, int n)
{
    char typed[TTY_MOST];
    for (ssize_t got; n > 0; n -= (int)got) {
        got =
            read(STDIN_FILENO, typed, n < TTY_MOST ? (size_t)n : sizeof typed);
        if (got <= 0)
            return;
        bool text = true;
        for (ssize_t i = 0; i < got; i++)
            text &= !iscntrl((u8)typed[i]) || isspace((u8)typed[i]);
        if (!text) {
            tty_give(s, typed, got);
            continue;
        }
        size_t had = pasted ? strlen(pasted) : 0;
        pasted = xrealloc(pasted, had + (size_t)got + 1);
        memcpy(pasted + had, typed, (size_t)got);
        pasted[had + (size_t)got] = 0;
    }
}

static void one_line(struct answer *a, const char *line)
{
    struct session *s = a->s;
    int behind = typed_ahead();
    in_verb = true;
    wrap_begin(&s->wrap);
    s->quit |= session_execute(s, a->to, line) == CMD_QUIT;
    wrap_end(&s->wrap, pasted);
    in_verb = false;
    if (ending_withdraw()) { /* Ctrl-C ended the verb, not the program */
        s->quit = false;
        forget_pasted();
        say(a, "interrupted\n");
    }
    streams_flush(s->streams);
    if (s->quit)
        prompt_stop(s); /* or readline would ask for one more line */
    else if (!s->at_prompt)
        take_pasted(s, behind);
}

/* Takes the next pasted line, which the caller frees. A prompt that was copied
 * with the line is cut off. */
static char *next_pasted(void)
{
    size_t n = strcspn(pasted, "\r\n");
    char *rest = pasted[n + 1] ? xstrdup(pasted + n + 1) : NULL;
    char *line = pasted;
    pasted = rest;
    line[n] = 0;
    size_t prompt = sizeof PROMPT - 1;
    if (!strncmp(line, PROMPT, prompt))
        memmove(line, line + prompt, strlen(line + prompt) + 1);
    return line;
}

/* Runs the pasted lines one by one, each after a prompt as if it had been
 * typed. shown: the prompt stands there already. */
static void run_pasted(struct answer *a, bool shown)
{
    const struct session *s = a->s;
    while (pasted && strpbrk(pasted, "\r\n") && s->at_prompt && !s->quit) {
        char *line = next_pasted();
        if (line[strspn(line, " \t")]) {
            say(a, "%s%s\n", shown ? "" : PROMPT, line);
            shown = false;
            one_line(a, line);
        }
        free(line);
    }
}

static void on_line(char *line)
{
    struct session *s = prompt_session;
    struct answer a = {.s = s, .to = &s->person};
    if (!line) { /* Ctrl-D */
        say(&a, "\n");
        s->quit = true;
        prompt_stop(s);
        return;
    }
    if (*line) {
        HIST_ENTRY *last = history_length ? history_get(history_length) : NULL;
        if (!last || strcmp(last->line, line))
            add_history(line);
    }
    if (!*line && wrap_more(&s->wrap, false)) {
        free(line);
        return;
    }
    forget_pasted();
    pasted = xrealloc(line, strlen(line) + 2);
    strcat(pasted, "\n");
    char *first = next_pasted();
    one_line(&a, first);
    free(first);
    run_pasted(&a, false);
}

/* Set by Ctrl-A c. readline draws its line once more after the key's function
 * has returned; the guest gets the terminal after that. */
static bool console_asked;

static int to_console(UNUSED int count, UNUSED int key)
{
    rl_replace_line("", 0); /* drops the unfinished line */
    console_asked = true;
    return 0;
}

/* Gives the keys to the guest by `continue`: a halted guest would answer none,
 * and the limit of an earlier run-for would take the keys away again. */
static void give_console(struct session *s)
{
    console_asked = false;
    rl_crlf(); /* the guest's line begins at the left */
    prompt_stop(s);
    if (session_execute(s, &s->person, "continue") != CMD_OK)
        prompt_start(s); /* the machine is off */
    streams_flush(s->streams);
}

static int leave(UNUSED int count, UNUSED int key)
{
    prompt_session->quit = true;
    return 0;
}

bool prompt_interrupt(struct session *s)
{
    if (!s->at_prompt || in_verb || !ending_withdraw())
        return false;
    rl_callback_sigcleanup();
    rl_free_line_state();
    rl_replace_line("", 0);
    rl_crlf();
    rl_on_new_line();
    rl_forced_update_display();
    return true;
}

/* True if readline has switched the terminal's bracketed paste on. */
static volatile sig_atomic_t pastes;

static void end_pastes(void)
{
    static const char off[] = "\033[?2004l";
    if (pastes && write(STDOUT_FILENO, off, sizeof off - 1) < 0)
        pastes = 0; /* the terminal is gone */
}

static void prompt_setup(void)
{
    static bool done;
    if (done)
        return;
    done = true;
    rl_readline_name = "clockhand";
    rl_attempted_completion_function = complete;
    rl_completion_word_break_hook = word_breaks;
    rl_variable_bind("show-all-if-ambiguous", "on");
    rl_bind_keyseq("\\C-ac", to_console);
    rl_bind_keyseq("\\C-ax", leave);
    rl_catch_signals = 0;
    using_history();
    ending_undo(end_pastes);
}

void prompt_start(struct session *s)
{
    if (s->at_prompt)
        return;
    prompt_session = s;
    prompt_setup();
    tty_raw(s, false);
    if (s->streams->line_open)
        fputs("\n", stdout);
    s->streams->line_open = false;
    streams_flush(s->streams);
    s->at_prompt = true;
    s->prompt_waits = false;
    tty_lent(true);
    ending_prompt(true);
    rl_callback_handler_install(PROMPT, on_line);
    const char *set = rl_variable_value("enable-bracketed-paste");
    pastes = set && !strcmp(set, "on");
    if (s->run.stopped == STOP_HALT) /* the user has halted the machine */
        forget_pasted();
    if (!pasted)
        return;
    run_pasted(&(struct answer){.s = s, .to = &s->person}, true);
    if (!s->at_prompt)
        return;
    if (pasted) /* the last line, which has no end yet */
        rl_insert_text(pasted);
    forget_pasted();
    rl_on_new_line();
    rl_redisplay();
}

void prompt_stop(struct session *s)
{
    if (!s->at_prompt)
        return;
    s->at_prompt = false;
    rl_callback_handler_remove();
    pastes = 0;
    ending_prompt(false);
    tty_lent(false);
}

void prompt_read(struct session *s)
{
    rl_callback_read_char();
    if (console_asked)
        give_console(s);
}
