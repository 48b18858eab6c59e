/* SPDX-License-Identifier: MIT */
/* Internal to monitor/: the verbs. */
#pragma once

#include "base/word.h"
#include "monitor/run/env.h"
#include "monitor/run/past.h"

struct ins_condition;
struct ins_row;

/* ---- the table (command.c) ------------------------------------------- */
extern const struct command commands[];
extern const unsigned ncommands;

/* Finds the verb by its name, alias or unique beginning (n letters). NULL: err
 * says why. */
const struct command *command_find(const char *verb, size_t n, char *err,
                                   size_t size);

/* ---- completion (complete.c) ----------------------------------------- */
/* The words that begin with the typed letters, in order, for readline or the
 * web page. */
struct words {
    const char *text; /* typed */
    size_t length;
    char **list;
    size_t n;
};
/* Gathers the words that may stand at line[start]. False: a file's name is
 * wanted. */
bool complete_line(struct session *s, const char *line, size_t start,
                   struct words *w);
/* Returns the characters that end a word at `point`: a file's name may hold
 * characters that end a word of an expression. */
char *complete_breaks(const char *line, size_t point);

/* ---- words ----------------------------------------------------------- */
/* explain_words calls fn with `explain`'s words, except unmodified kernels' and
 * numbers such as walker.cycles; catch_words calls fn with `catch`'s words. */
void explain_words(struct session *s, void (*fn)(void *, const char *),
                   void *opaque);
bool explain_knows(struct session *s, const char *word);
void catch_words(void (*fn)(void *, const char *), void *opaque);
/* Fails with "VERB: WORD: no event", and names the nearest event. */
enum command_status catch_unknown(struct answer *a, const char *verb,
                                  const char *word);
/* Calls word_offer_dotted. Serves as fn of explain_words and catch_words. */
void nearest_offer(void *nearest, const char *word);
/* Fails because the kernel's tables are not known (yet). cmd_policy.c */
enum command_status no_lens(struct answer *a, const char *verb);
/* Returns a counter's unit, in the singular for 1. */
const char *unit_for(const char *unit, u64 v, char buf[20]);

/* ---- numbers (number.c) ---------------------------------------------- */
/* Answers for a counter, a level or columns of that name: its meaning and value
 * and, with `events`, the events that made it. False, no message: none. */
bool number_answer(struct answer *a, const char *word, bool events);
/* Says what else a word means than `told`, which the answer has told. */
void word_also(struct answer *a, const char *word, const char *told);

/* ---- why ------------------------------------------------------------- */
/* Prints the events of a frame (`why PFN`). */
enum command_status why_frame(struct answer *a, u64 pfn);
/* Prints the events of the page at va, of one process or of all (pid 0). False:
 * pid is 0, and there are none. */
bool why_page(struct answer *a, u64 va, u32 pid, enum command_status *status);
/* Prints the event that made the frame satisfy c (`why dirty PFN`); if c is
 * NULL, the frame's latest event with one of `reasons`. */
enum command_status why_frame_is(struct answer *a, u64 pfn,
                                 const struct ins_condition *c, u64 reasons,
                                 const char *word);
/* Tells why the frame was chosen when memory was low: it was not used after an
 * earlier event, and free frames were few. A process that finds no frame
 * chooses by the daemon's rule. taken: the event that took the frame, or NULL;
 * older events of the frame follow it, up to `end`. */
void why_chosen(struct answer *a, const struct ins_event *taken,
                const struct ins_event *end);
/* Prints the events that made any frames satisfy c (`why dirty`). */
enum command_status why_condition(struct answer *a,
                                  const struct ins_condition *c);
/* Prints the events of `reasons` (`why evict`). */
enum command_status why_events(struct answer *a, const char *word, u64 reasons);
/* ---- the event that was caught --------------------------------------- */
/* If args begin with event.va, returns the process in whose address space that
 * address lies; 0: none, or it has ended (cmd_walk.c). */
u64 event_process(struct session *s, const char *args);
/* Fails because the event has no address. Names its frame, if any. */
enum command_status event_no_address(struct answer *a, const char *verb);

/* ---- tunables (cmd_tunables.c) --------------------------------------- */
/* Fails because only the command line chooses `option`. */
enum command_status fixed_at_start(struct answer *a, const char *verb,
                                   const char *option);
/* Executes set NAME VALUE. */
enum command_status set_tunable(struct answer *a, const char *args);
/* Writes "60 %", or, for a unit such as 1/10000, "10/10000". */
const char *tunable_text(const struct lens_tunable *t, char *buf, size_t n);

/* ---- everyday words (cmd_help.c) ------------------------------------- */
/* Returns the command for a word of everyday.def, from the first of its rows
 * whose command begins with `with` ("" or "info "), and cuts `with` off. NULL:
 * no such row. */
const char *everyday(const char *word, const char *with);
/* Returns the command for the word of everyday.def that is nearest to a
 * mistyped word (waht), or NULL. */
const char *everyday_near(const char *word);
/* Returns the sentence of a TOLD row of everyday.def; NULL: there is none. */
const char *everyday_told(const char *word);

/* ---- the verbs' functions --------------------------------------------- */
#define COMMAND(verb, args, complete, fn, help, example)                       \
    enum command_status cmd_##fn(struct answer *a_, const char *args_);
#include "monitor/verbs/commands.def"

/* ---- info (cmd_info.c) ----------------------------------------------- */
/* A row for each WHAT of `info WHAT`. */
struct info {
    const char *word, *help;
    enum command_status (*fn)(struct answer *a, const char *args);
};
extern const struct info infos[];
const struct info *info_find(const char *word, size_t n); /* exact; or NULL */
#define INFO(topic, args, help)                                                \
    enum command_status info_##topic(struct answer *a_, const char *args_);
#include "monitor/verbs/infos.def"

/* Makes b a `catch stale [all]` or a `catch freed`. cmd_stale.c */
void stale_words(const char **p, struct stopper *b);
/* Call after a `catch stale` or `catch freed` is set or deleted: the machine
 * follows translations while there is one. */
void stale_update(struct session *s);

/* Adds what only an unmodified kernel knows about a frame. cmd_page.c */
void unmodified_json(struct session *s, struct json *j, u64 pfn,
                     const struct ins_unmodified *f);
/* Writes "page 3 of /root/x (inode 344)", or "page 3 of inode 344" if the path
 * is not known. cmd_frames.c */
void page_of_file(struct session *s, u64 pfn, u8 state, u64 object, u64 index,
                  char *buf, size_t n);
/* Adds "marks": the words of a frame's marks. cmd_frames.c */
void marks_json(struct json *j, const struct ins_row *r);
/* Takes a frame by its number, or by a physical address in it. cmd_page.c */
bool args_frame(struct answer *a, const char **p, const char *verb, u64 *pfn);
/* Takes "FORMAT", EXPR, ... and writes printf's text (cmd_printf.c). */
enum command_status args_printf(struct answer *a, const char **p, char *text,
                                size_t n);
/* Sets let.NAME. False, with a message: too many names. cmd_script.c */
bool let_set(struct answer *a, const char *name, u64 value);
/* True, with a message: this kernel shows no events, for example xv6
 * (why_frame.c). */
bool without_events(struct answer *a);
