/* SPDX-License-Identifier: MIT */
/* Internal to monitor/: running and stopping the machine, for the verbs and the
 * sources of commands (scripts, prompt, panel, debugger, a lesson). */
#pragma once

#include "monitor/language/args.h"

/* What running asks of the folder above, which the session registers. */
struct run_port {
    /* Serves the panel and the terminal, then runs a slice. STOP_HALT: the
     * machine does not run now. */
    enum stop_kind (*turn)(struct session *s);
    /* The prompt's verb runs the machine: the guest gets the terminal. */
    void (*to_guest)(struct session *s);
    /* Runs a file's lines ("-": standard input's) up to the first that fails.
     */
    enum command_status (*file)(struct answer *a, const char *file);
};

/* ---- running towards a goal (goals.c, slice.c) ----------------------- */
/* Sets the goal of whoever asked, in place of the goal that he had. Others'
 * goals stay: the machine runs to the first that is reached. */
void session_aim(struct answer *a, struct goal g);
void session_drop(struct session *s, enum context whose);
/* Returns the earliest cycle that a goal names; NEVER: there is none. */
u64 session_deadline(const struct session *s);
bool session_steps(const struct session *s); /* a goal counts instructions */
/* Returns 1 << enum reason of the events at which goals end. */
u64 session_events(const struct session *s);
/* Starts the machine. For a script or a debugger, returns when the machine has
 * stopped for it and the stop is reported. At the prompt and in the panel,
 * returns at once, and the main loop runs the machine. */
enum command_status session_go(struct answer *a);
/* Runs, mostly for a few milliseconds of host time. STOP_NONE: no goal is
 * reached yet. Else s->run.whose says whom the stop concerns. */
enum stop_kind session_slice(struct session *s);
/* Ends a run: notes why the machine has stopped. */
void session_run_end(struct session *s, enum stop_kind kind);
/* Passes a slice of simulated time while the hart sleeps, up to cycle `end`. */
void session_idle(struct session *s, u64 end);
/* Evaluates a stop's or a goal's condition. If it cannot be evaluated, returns
 * true and notes in s->run.failed why not. */
bool run_condition(struct session *s, const struct expr *e);
/* Call before the first slice. Arms the stops; skips a breakpoint at pc. */
void session_run_begin(struct session *s);
/* Returns the host seconds by which simulated time is ahead of the pace. */
double session_ahead(struct session *s);
void session_pace_restart(struct session *s);
/* Goes on after a halt. */
void session_resume(struct session *s);
/* ---- why the machine stopped (stop_report.c) ------------------------- */
/* Prints why and where the machine stopped. While a file runs, prints this only
 * with -v, as JSON or if the machine hangs. */
void session_report(struct answer *a);
/* True: a file runs, without -v and JSON, so its stops are not printed. */
bool stops_silently(const struct answer *a);
/* Writes the next instruction: "0x80200000 <start+0x4> addi a0,a0,1". */
void session_position(struct session *s, char *buf, size_t n);
/* True: the machine stands at an event by which the kernel gives a page its
 * frame, and the kernel has not written the page table entry yet. */
bool event_under_way(struct session *s, struct ins_event *e);

/* ---- breakpoints, watchpoints, catches (stops.c, follow.c) ----------- */
/* Gives the engine the stops to look for. */
void stoppers_arm(struct session *s);
/* Only breakpoints stop the machine from now on, until stoppers_arm. */
void stoppers_disarm(struct session *s);
/* Finds the stopper that caused a stop of the machine. NULL: none; the machine
 * goes on (a condition is false, a trap is not wanted). */
struct stopper *stoppers_judge(struct session *s, enum machine_stop why);
/* As stoppers_judge, but deletes no stopper and notes no example of next-event:
 * a search through the past may pass the same stop twice. */
struct stopper *stoppers_find(struct session *s, enum machine_stop why);
bool stoppers_hit(void *session,
                  enum machine_stop why); /* sets s->run.stopper */
/* After a search through the past: counts s->run.stopper's hit, sets
 * s->run.stopped. */
void stoppers_reached(struct session *s);
enum stop_kind stop_of(const struct stopper *by); /* NULL: STOP_DONE */
/* Adds, to each breakpoint in code that processes map at different addresses,
 * its address in the process on the hart. Call it at each page fault. */
void stoppers_follow(struct session *s);
/* True: the hit is real, since b is in the kernel or a bare ELF, or b's program
 * lies at this address in the process on the hart. Another program, or the same
 * program mapped elsewhere, may have other code at the address. */
bool stopper_in_program(struct session *s, const struct stopper *b);
bool stopper_breaks_at(const struct stopper *b, u64 va);
bool stoppers_at(struct session *s, u64 va); /* true: a breakpoint is there */
/* Notes the present values of all that watchpoints watch. */
void stoppers_note_values(void *session);
/* stoppers_keep copies the list of stops; stoppers_back puts it back. */
void stoppers_keep(struct session *s, struct stopper kept[STOPPERS]);
void stoppers_back(struct session *s, const struct stopper kept[STOPPERS]);
bool stoppers_catch(const struct session *s); /* a catch (not tcatch) is set */
void stopper_forget(struct stopper *b);       /* deletes it */
void stoppers_free(struct session *s);

/* ---- a debugger (goals.c) -------------------------------------------- */
void debugger_serve(struct session *s);
bool debugger_attached(const struct session *s);
bool breaks_at(const struct session *s, u64 va); /* anybody's breakpoint */

/* ---- a machine that makes no progress (silence.c) -------------------- */
/* After a slice: looks now and then whether the hart makes progress. If it does
 * not, prints a sentence on standard error, once a session, and ends a --run of
 * a --policy-file without a panel. */
void silence_look(struct session *s);
/* After a slice: if a policy of --policy-file has not returned for a second of
 * simulated time, says in which function. True: the session ends. */
bool silence_policy(struct session *s);
/* Call when the hart sleeps and no event is to come: prints a sentence, once a
 * session, if no key can wake the hart. */
void silence_asleep(struct session *s);
/* After a kernel's panic: prints the call trace and the last events, once the
 * kernel has printed its registers (panic.c). */
void panic_report(struct session *s);

/* ---- programs in place of scripts (goals.c, keep.c) ------------------ */
/* True: the verb that has run the machine since cycle `from` has used up all
 * cycles that session_limit_cycles allows. */
bool drive_too_long(struct session *s, u64 from);
/* Call when the machine has stopped. CMD_FAILED: session_limit_cycles' limit is
 * reached, or the machine hangs and the program that leads needs a stop. */
enum command_status drive_judge(struct answer *a);
/* True: a moment is kept, to which the machine must come back. */
bool keep_waits(const struct session *s);
/* session_back (drive.h) for a verb, which fails if the machine cannot go back
 * there. */
bool keep_back(struct answer *a);
/* Drops the data of session_keep, after it has put the kept stops back. */
void drive_forget(struct session *s);

/* Serves the panel for a turn, while something waits for the panel's user. */
void drive_panel(struct session *s);

/* ---- cards (card_wait.c) --------------------------------------------- */
/* Makes a card of a numbered caption, or of any caption once one has come.
 * Waits first until the card before has been read. Beside this card the panel
 * draws the latest event since this card with one of `reasons`, or else any. */
void card_tell(struct answer *a, const char *text, u64 reasons);
void card_typed(struct session *s); /* after a key: the guest goes on */
/* Begins a chapter: next-event stops at every kind of event again. */
void publish_chapter(struct session *s);
/* Notes in --events and --counters how the machine came to this moment: by
 * branch, branch-leave, load or load-refused (past.c). */
void session_went(struct session *s, const char *how);

/* ---- what the panel's thread asks (inbox.c) -------------------------- */
/* Returns the session that has s's window: its outermost leader. */
struct session *outermost_session(struct session *s);
void inbox_init(struct session *s);
void inbox_free(struct session *s);
bool inbox_any(struct session *s); /* a command or keys are queued */
/* Takes what was queued first; NULL: nothing is queued. => free() */
struct queued *inbox_next(struct session *s);

/* ---- source lines as text (line_text.c) ------------------------------ */
/* Returns a file's name without its folders. */
const char *file_part(const char *name);
/* Names the instruction at pc, as far as it is known: "0x80201234 <f+0x40>,
 * pte.c:184" (stale_report.c). */
void code_place(struct session *s, u64 pc, char *buf, size_t n);
/* stale_report reports the use at which `catch stale` has stopped; stale_writer
 * is code_place of the store that changed a PTE (0: no instruction did). */
void stale_report(struct answer *a);
void stale_writer(struct session *s, u64 pc, char *buf, size_t n);
/* Writes "fault.c:12", then the line's text if the file can be read. */
void line_text(struct session *s, const struct ins_code *code,
               const struct source_row *row, char *buf, size_t n);
/* line_text of the line that the hart is at; false: no line is known. */
bool session_line(struct session *s, char *buf, size_t n);
/* Opens the file that the compiler called `name`. NULL: it cannot be read. */
FILE *line_file_open(struct session *s, const struct ins_code *code,
                     const char *name);
/* Reads the file's next line, without its end; false: there is none. */
bool line_file_next(FILE *f, char **line, size_t *room);

/* ---- events as text (event_list.c) ----------------------------------- */
void events_head(struct answer *a); /* the columns' titles */
/* Lists n events: a line of text each, or JSON's array `key`. */
void events_list(struct answer *a, struct json *j, const char *key,
                 const struct ins_event *e, unsigned n);
/* Says that `more` further events are known; newer: than those listed. */
void events_more(struct answer *a, u64 more, bool newer);
#define EVENTS_MOST 256 /* events that `info events` lists at once */
