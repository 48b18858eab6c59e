/* SPDX-License-Identifier: MIT */
/* The command language, and the session that runs the machine for people
 * (README.md).
 *
 * Threads: the session's thread runs the machine. The panel's thread gives it
 * lines, keys and choices (such as a frame), and gets copies of displays. */
#pragma once

#include "machine/machine.h"

enum command_status {
    CMD_OK,
    CMD_FAILED, /* such as an assert that does not hold: exit status 1 */
    CMD_BAD,    /* the command is wrong: exit status 2 */
    CMD_QUIT
};

struct ins_display;
struct session;
struct show_pictures;

/* main.c puts the parts together:
 *
 *     config_parse(&c, argc, argv);       (script_options first, if -x)
 *     struct host_io io = session_host_io(&c);
 *     struct machine *m = machine_new(&c, &io);
 *     struct session *s = session_new(m, &c);
 *     session_set_screenshot(s, panel_screenshot);
 *     status = session_main(s);            (a thread of its own if panel_main
 *                                           runs in the main thread)
 *     session_free(s);  machine_free(m);
 *
 * session_host_io gives the machine this process's console, pipes and standard
 * input, as the configuration wants them. Call it once for each machine, and
 * early: startup_seconds is measured from this call. */
struct host_io session_host_io(const struct config *c);
/* Registers panel_screenshot, since monitor/ does not call panel/. Without it
 * `screenshot` fails with a message. */
void session_set_screenshot(struct session *s,
                            bool (*fn)(const struct ins_display *d,
                                       const struct config *c, const char *path,
                                       char *err, size_t n));
/* Registers panel_pictures, by which the verb `record` draws pictures. */
void session_set_pictures(struct session *s, const struct show_pictures *p);
/* Returns an argv of *n words, in one allocation: `first`, then the words of a
 * line of options, in which quotes mean the same as in a shell. */
char **option_words(const char *first, const char *options, int *n);
/* Calls option_words for a script's first line, `# options: --ram 8M ...`, with
 * `file` first. Returns argc; 0: there is no such line, or `file` is a pipe or
 * a device; -1 with errno: it cannot be read. */
int script_options(const char *file, char ***argv);

struct session *session_new(struct machine *m, const struct config *c);
void session_free(struct session *s);
/* Replaces the session's machine by a saved one, which cannot go back to before
 * the load. False with a message in err (size n). */
bool session_load(struct session *s, const char *file, char *err, size_t n);

/* Prints an answer: text for people, or (json) a line of JSON. */
typedef void session_print_fn(void *opaque, const char *text, bool json);
/* Executes one line of the command language. The answer, text for people or,
 * after the word `json`, a line of JSON, goes to session_output's function. */
enum command_status session_command(struct session *s, const char *line);
void session_output(struct session *s, session_print_fn *fn, void *opaque);

/* Runs everything that the configuration asks for - scripts, console, prompt
 * - until the run is over or the user quits; returns the exit status. */
int session_main(struct session *s);

/* The panel's thread calls the functions below. session_queue_command takes
 * verbs of commands.def, such as those of the panel's keys: `continue`, `halt`,
 * `stepi`, `run-for 1ms`, `step-walk` (runs to the next walk, then one level
 * each time), `goto now`. The session executes them at an instruction boundary.
 * A verb that runs the machine only starts it; the display's mode shows its
 * progress. The first line of a verb's output becomes the caption.
 * session_queue_keys sends typed bytes to the guest's console. */
void session_queue_command(struct session *s, const char *line);
void session_queue_keys(struct session *s, const char *bytes, size_t n);
/* Queues a line as if typed at the prompt: its answer goes to the output. */
void session_queue_line(struct session *s, const char *line);
/* Copies the newest display if its serial differs from *to's. True: copied. */
bool session_display(struct session *s, struct ins_display *to);
struct ins_display *session_display_new(struct session *s);
void session_select_frame(struct session *s, s64 pfn); /* -1: none */
/* From the next display on, lights the frames to which all these words apply
 * (inspect_display_light); "": none. */
void session_light(struct session *s, const char *words);
void session_quit(struct session *s); /* the panel has ended */
bool session_ended(struct session *s);

/* For the panel. While `on`, session_main publishes displays: at most one in
 * 1/60 s of host time, but at once after a stop or a queued command. */
void session_publish(struct session *s, bool on);
