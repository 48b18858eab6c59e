/* SPDX-License-Identifier: MIT */
/* Internal to monitor/: the session's inside, shared by its files. */
#ifndef CLOCKHAND_SESSION_H
#define CLOCKHAND_SESSION_H

#include "inspect/json.h"
#include "machine_history.h"
#include "monitor/language/expr.h"
#include "monitor/monitor.h"
#include "monitor/remote.h"
#include "monitor/terminal/stream.h"
#include "monitor/terminal/term.h"

#include <pthread.h>
#include <stdio.h>

/* The output of verbs, on its way to standard output (wrap.c). */
struct wrap {
    char *line; /* the beginning of a line whose end has not been said */
    size_t n;
};
void wrap_text(struct wrap *w, const char *text);
void wrap_flush(struct wrap *w); /* after a verb: a line without an end */

/* After a kernel's panic: prints the call trace and the last events, once the
 * kernel has printed its registers (panic.c). */
void panic_report(struct session *s);

double host_now(void); /* seconds; only pace and figures for people use it */

/* ---- reasons to stop -------------------------------------------------------
 */
enum stop_kind {
    STOP_NONE, /* goes on */
    STOP_DONE, /* what was asked for is reached */
    STOP_OFF,
    STOP_BREAK,
    STOP_WATCH,
    STOP_CATCH,
    STOP_WALK,
    STOP_LIMIT,
    STOP_HUNG,
    STOP_REPLAYED, /* the recording ends here */
    STOP_DEPARTED, /* it went another way */
    STOP_HALT,
    STOP_ENDED /* the session is to end */
};
enum stopper_kind {
    BY_BREAK,
    BY_WATCH,
    BY_CATCH_EVENT,
    BY_CATCH_WALK,
    BY_CATCH_TRAP
};
#define STOPPERS 64
struct stopper { /* a breakpoint, watchpoint or catch */
    u32 number;  /* 0: unused */
    u8 kind;
    bool once, on_read, on_write;
    bool kept;      /* its condition belongs to a list that was kept */
    bool fault;     /* `catch fault`: page-fault traps where there is no lens */
    bool of_panel;  /* set there: it halts the machine, and ends no verb of a
                     * script that runs */
    bool of_remote; /* a debugger's (remote.c); not in the list */
    u64 va, len, old;      /* break: va; watch: va, len, last value */
    bool physical;         /* watch: va is a physical address */
    u64 at[SOURCE_PLACES]; /* break: all its addresses, va the first */
    unsigned nat;
    struct source *program; /* break: only where a process executes this */
    bool moves;             /* which each of them may have elsewhere: */
    u64 bias;               /* that of the first places of at[]; */
    unsigned places;        /* how many they are (follow.c) */
    u64 reasons;            /* catch */
    struct expr *condition;
    char text[160]; /* as typed */
    u64 hits;
};

#define BREAKS_MOST 256
#define STEP_PLACES (SOURCE_PLACES + 1) /* of a step by source lines */
#define ARMED_MOST  (BREAKS_MOST + STEP_PLACES + REMOTE_STOPS)
struct armed { /* what the engine has been given */
    u64 va[ARMED_MOST];
    size_t nva, nwatch, nmemory;
};

/* What a running verb wants: all set conditions end it. */
struct goal {
    u64 deadline; /* cycle, or NEVER */
    u64 steps;    /* instructions still to go; 0: no limit */
    u64 instret;  /* they end there, if not 0 (else a trap is a step, too) */
    struct expr *until;
    u64 every, look; /* until is looked at each so many cycles; when next */
    bool step_walk;  /* to the next page walk */
    bool stepping;   /* by source lines: session.stepper */
    u64 events;      /* 1 << enum reason: to the next event of these */
    bool any_event;  /* they are those that publish_reasons gave */
    struct task_step task; /* to the end of that step, if it is on */
    /* who asked: the panel, a debugger, or script and prompt */
    bool from_panel, from_remote;
};

enum context { IN_SCRIPT, IN_PROMPT, IN_PANEL, IN_REMOTE };

struct command;
#define MARKS 64
struct mark {
    char name[32];
    u64 cycle, instret;
    struct moment at;
};

#define LETS 64
struct let { /* a number with a name */
    char name[32];
    u64 value;
};

/* Of a machine that gets no further (silence.c). */
struct silence {
    double next;                /* host time of the next look */
    struct ins_progress before; /* at the last one */
    unsigned looks;             /* in a row that found no progress */
    bool told;
};

struct remote { /* remote.c */
    void (*serve)(void *);
    void *opaque;
    int fd;
    bool open; /* scripts have ended: it is served */
    bool attached, interrupted;
    bool on_way; /* it has stopped, and is not yet where that is told */
    struct remote_stop {
        enum remote_kind kind;
        u64 va, len;
    } stop[REMOTE_STOPS];
    unsigned nstops;
    struct remote_state hit; /* kind and va of the last one that was hit */
};

/* Of the calls that the hart is in, while it stands there (frames.h). */
struct chosen {
    u64 cycle, instret, pc;
    unsigned hidden, frame; /* not entered yet; by its number in bt */
    struct ins_call call;
};

struct session {
    struct machine *m;
    const struct config *config;
    struct streams *streams;
    struct ins_events *events;
    struct ins_commit_log *commit_log;
    struct ins_refs *refs;       /* --refs; or NULL */
    struct ins_trace *trace;     /* --trace; or NULL */
    struct ins_truth_log *truth; /* NULL: not counted (much RAM, no guest) */
    struct ins_counter_log *counter_log; /* --counters; or NULL */
    struct ins_profile *profile;         /* NULL: off */
    struct ins_paths *paths;
    struct ins_probes *probes; /* NULL: of our own guest */
    struct ins_sources *sources;
    struct expr_env env;

    void (*output)(void *, const char *text);
    void *output_opaque;
    struct wrap wrap;
    bool (*screenshot)(const struct ins_display *, const struct config *,
                       const char *, char *, size_t);

    const struct session_pictures *pictures;
    struct film *film; /* film.c; NULL: nothing is recorded */

    /* a program in place of scripts (drive.h) */
    enum command_status (*drive)(void *, struct session *);
    void *drive_opaque;
    struct session *outer;
    struct kept *kept; /* where session_back goes back to (keep.c) */
    u64 most;          /* cycles that a running verb may take; 0: any */
    bool too_long;     /* one would have taken more */

    /* the command being executed */
    const struct command *verb; /* NULL: a bare `ps` or `frames` */
    enum context context;
    bool json, answered; /* one line of JSON wanted; printed */
    const char *file;    /* script, or NULL */
    unsigned line, nesting;
    bool in_file; /* commands come from a file, whose stops are silent */
    bool aloud;   /* -v: this one's are not */
    bool picture_tried, pictured;  /* --screenshot's; it was taken */
    struct ins_display *last_look; /* --run: when its process ended */
    u32 last_look_pid;
    char error[400];   /* the last one, for the panel's caption */
    struct walk_told { /* cmd_run.c: the stops before a walk, latest first */
        u64 cycle, va, pc, satp, faults;
    } walks_told[2];
    char no_name[160]; /* env.c: why an expression's name means nothing */

    /* running */
    bool running; /* the machine runs in the main loop (prompt, panel) */
    struct goal goal;
    enum stop_kind stopped; /* why it last stopped */
    const struct stopper *stopper;
    char stop_text[200];
    struct stopper stoppers[STOPPERS], once;
    struct armed armed;
    u32 next_number;
    u8 told[R_COUNT];   /* of each, since a process began or ended */
    struct expr *until; /* goal.until, owned */
    bool until_failed;  /* it could not be evaluated */
    /* While the panel borrows a script's machine: the script's goal, or the
     * panel's, on its way from one verb of the script to the next. */
    struct goal other_goal;
    bool borrowed;
    struct stepper *stepper; /* of goal.stepping (step.h); or NULL */
    struct chosen chosen;
    char *list_file; /* `list` has shown so far, up to list_line */
    unsigned list_line;
    u64 list_cycle; /* when it began */
    /* Where variables' names are looked for: 0: at the hart's pc. */
    u64 scope_va;
    struct ins_code scope_code;
    u64 slice;        /* cycles, adapted to the host's speed */
    double pace;      /* 0: max */
    double pace_host; /* host time that corresponds to pace_cycle */
    u64 pace_cycle;
    struct silence silence;
    double started; /* session_main's beginning */
    int exit_status;
    bool ended, quit;

    bool page_shown; /* `page` showed a frame: page_pfn, for page.refs */
    u64 page_pfn;
    struct mark marks[MARKS];
    unsigned nmarks;
    struct let lets[LETS];
    unsigned nlets;
    struct report *report; /* of the file that runs; cmd_claim.c */

    /* terminal */
    struct remote remote;
    bool at_prompt;    /* the prompt has the terminal, else the console has */
    bool prompt_waits; /* gets it back when the machine stops */
    bool told_how_to_stop, told_of_pace;
    bool ctrl_a;

    /* shared with the panel's thread, under lock */
    pthread_mutex_t lock;
    int wake[2]; /* a byte here ends a wait */
    struct queued {
        struct queued *next;
        bool keys;
        size_t n;
        char text[];
    } * queue, **queue_end;
    struct ins_display *shown, *work;
    bool publish;
    s64 selected, published_frame; /* that the panel asks for; asked for */
    char light[96];                /* words: ins_display.lit_words */
    bool quit_asked, over; /* the panel's wish; session_main has ended */
    bool awaits_input;     /* the machine stands still for standard input */

    double published, speed_host; /* when last */
    u64 speed_instret, speed_cycle;
    double mips, pace_now;
    u64 captioned; /* events that have been looked at */
    char caption[260];
    u32 caption_pfn;      /* the frame that it is about, or LENS_NO_PFN */
    bool covered;         /* session_cover */
    u64 caption_cycle;    /* of its event; NEVER: it tells of none */
    double caption_until; /* host time before which only an event of a higher */
    u8 caption_rank;      /* rank replaces it */
};

/* "page 3 of /root/x (inode 344)", or without the path if it is not known.
 * cmd_frames.c */
void native_json(struct session *s, struct json *j, u64 pfn,
                 const struct ins_native *f);
void page_of_file(struct session *s, u64 pfn, u8 state, u64 object, u64 index,
                  char *buf, size_t n);
/* "marks": the words that a frame answers to. cmd_frames.c */
void marks_json(struct json *j, const struct ins_row *r);
/* A frame by its number, or by a physical address in it. cmd_vm.c */
bool args_frame(struct session *s, const char **p, const char *verb, u64 *pfn);

/* ---- output (command.c) ----------------------------------------------------
 */
void say(struct session *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void say_json(struct session *s, struct json *j); /* one line; frees j */
/* What a verb found: printed if JSON was wanted; frees j. CMD_OK. */
enum command_status finish_json(struct session *s, struct json *j);
/* One line on standard error with file and line, or at the prompt. */
enum command_status fail(struct session *s, enum command_status status,
                         const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* ---- arguments (args.c): each moves *p on; on failure has called fail -------
 */
bool args_word(struct session *s, const char **p, char *buf, size_t n,
               const char *what);
bool args_string(struct session *s, const char **p, char *buf, size_t n,
                 size_t *length);
bool args_value(struct session *s, const char **p, u64 *value,
                const char *what);
/* The same for what is not below 0: a count, a time. */
bool args_amount(struct session *s, const char **p, u64 *value,
                 const char *what);
/* The whole rest is a count, or nothing: *n stays. */
bool args_count(struct session *s, const char *p, u64 *n);
struct expr *args_expr(struct session *s, const char **p);
bool args_end(struct session *s, const char *p); /* nothing may follow */
bool args_more(const char **p); /* skips blanks; false at the end */
/* -v of a running verb, which makes it say in a file, too, where it stops. */
void args_aloud(struct session *s, const char **p);
/* A name that expressions can use, for verb's argument. */
bool args_name(struct session *s, const char **p, const char *verb, char *name,
               size_t n);
/* "FORMAT", EXPR, ... as printf has them (cmd_printf.c). */
enum command_status args_printf(struct session *s, const char **p, char *text,
                                size_t n);
/* let.NAME is value from now on; false, with a message: too many names. */
bool let_be(struct session *s, const char *name, u64 value);
/* Does this command keep to itself where the machine stops? */
bool stops_silently(const struct session *s);
struct format {
    u64 count;
    char letter;
    unsigned size;
};
bool args_format(struct session *s, const char **p, struct format *f);
bool args_pid(struct session *s, const char **p, u64 *pid);
/* The process that has the n letters as its name. */
bool process_named(struct session *s, const char *name, size_t n, u64 *pid);
/* Skips `frame`, `page`, `pfn` before something that may be a number. */
void args_frame_words(const char **p);
bool args_event_va(const char *p); /* does it begin with event.va? */
/* The longest name of an event, of several words or one ("page fault"), into
 * buf; false: there is none. */
bool args_event(const char **p, char *buf, size_t n);
/* text with its control characters as escapes; returns buf. */
char *args_quote(const char *text, char *buf, size_t n);
/* Evaluates with a message. */
bool evaluate(struct session *s, const struct expr *e, u64 *value);

/* ---- the table of verbs (command.c)
 * ------------------------------------------ */
enum complete {
    PLACE,
    NOTHING,
    SYMBOLS,
    PROCS,
    FILES,
    VERBS,
    INFO,
    EVENTS,
    WORDS,
    COUNTERS,
    TUNABLES
};
struct command {
    const char *verb, *args;
    enum complete complete;
    enum command_status (*fn)(struct session *s, const char *args);
    const char *help, *example; /* of lines that may be typed */
};
extern const struct command commands[];
extern const unsigned ncommands;
/* cmd_vm.c: each as a line of text, or in an array of that name. */
void events_head(struct session *s); /* what the columns of a history are */
void events_list(struct session *s, struct json *j, const char *key,
                 const struct ins_event *e, unsigned n);
/* env.c: numbers of the monitor's own (names.def). */
struct number_name {
    const char *name, *sentence;
};
extern const struct number_name number_names[];
extern const unsigned nnumber_names;
struct names {
    void (*fn)(void *opaque, const char *name);
    void *opaque;
};
/* Calls fn with each name that `print` knows, but for symbols and registers. */
void env_names(struct session *s, struct names n);

/* Offers each word that `explain` knows (cmd_words.c), `catch` takes
 * (cmd_stop.c). */
void explain_words(struct session *s, void (*fn)(void *, const char *),
                   void *opaque);
bool explained(struct session *s, const char *word);
void catch_words(void (*fn)(void *, const char *), void *opaque);
/* "VERB: WORD: no event", with the nearest. */
enum command_status catch_unknown(struct session *s, const char *verb,
                                  const char *word);
/* word_offer, for those above. */
void nearest_offer(void *nearest, const char *word);
/* cmd_policy.c: a question to a kernel that tells nothing, or not yet. */
enum command_status no_lens(struct session *s, const char *verb);
/* cmd_policy.c: a counter's unit, in the singular for 1. */
const char *unit_for(const char *unit, u64 v, char buf[20]);
/* why_frame.c: a frame's events; the one that made it so (a condition, or else
 * one of those reasons); what makes frames so; the events of those reasons. */
enum command_status why_frame(struct session *s, u64 pfn);
/* why_page.c: the events of the page at va, of one process or of all (0).
 * False: of all, and there are none. */
bool why_page(struct session *s, u64 va, u32 pid, enum command_status *status);
enum command_status why_frame_is(struct session *s, u64 pfn,
                                 const struct ins_condition *c, u64 reasons,
                                 const char *word);
enum command_status why_condition(struct session *s,
                                  const struct ins_condition *c);
enum command_status why_events(struct session *s, const char *word,
                               u64 reasons);
/* cmd_words.c: what needs a policy's notion, and who raises a counter. */
void word_notion(struct session *s, struct json *j, u8 needed);
void word_raised(struct session *s, struct json *j, unsigned c);
/* cmd_vm.c: "frame 12 free -> anonymous: ..."; a line. */
void event_text(struct session *s, const struct ins_event *e);
/* The machine stands at an event by which the kernel gives a page its frame,
 * and the page table does not have it yet. */
bool event_under_way(struct session *s, struct ins_event *e);
/* The event that was caught last, as it was recorded (cmd_run.c); reason 0:
 * none was. */
struct ins_event event_caught(struct session *s);
/* The process that event.va, if args begin so, is an address of; 0: none, or
 * it has ended (cmd_walk.c). */
u64 event_process(struct session *s, const char *args);
/* An error of `verb`: the event has no address; it names the frame, if any. */
enum command_status event_no_address(struct session *s, const char *verb);
/* cmd_tunables.c: set NAME VALUE; and of what the command line has chosen. */
enum command_status fixed_at_start(struct session *s, const char *verb,
                                   const char *option);
enum command_status set_tunable(struct session *s, const char *args);
/* "60 %"; of a unit such as 1/10000: "10/10000". */
const char *tunable_text(const struct lens_tunable *t, char *buf, size_t n);
/* What to type for a word of everyday.def, behind `with` ("" or "info ");
 * NULL: the table does not have it (cmd_help.c). */
const char *everyday(const char *word, const char *with);
/* The same for the word of the table nearest to a mistyped one (waht). */
const char *everyday_near(const char *word);
/* The command that a sentence without a verb asks for: "who owns frame 30" is
 * page 30, "how full is swap" info swap, "stop at page fault" a catch. */
bool everyday_phrase(const char *line, char *buf, size_t n);
/* The sentence that answers such a verb; NULL: there is none. */
const char *told(const char *word);
/* By name, alias or unique beginning of n letters; NULL with message. */
const struct command *command_find(const char *verb, size_t n, char *err,
                                   size_t size);
/* Cuts a comment off, and the blanks before it. */
void command_strip_comment(char *line);
/* block.c: the lines of a `repeat`, `while` or `if`. depth: 1 if the line
 * begins one, -1 if it is an `end`, 0 otherwise. => run: the ends are there */
struct block;
int lines_depth(const char *text);
struct block *lines_new(void);
void lines_add(struct block *b, const char *text, unsigned number);
enum command_status lines_run(struct session *s, const struct block *b);
void lines_free(struct block *b);
#define COMMAND(verb, args, complete, fn, help, example)                       \
    enum command_status cmd_##fn(struct session *s, const char *args_);
#include "monitor/verbs/commands.def"
#undef COMMAND
/* info WHAT: one row each (cmd_info.c). */
struct info {
    const char *word, *help;
    enum command_status (*fn)(struct session *s, const char *args);
};
extern const struct info infos[];
const struct info *info_find(const char *word, size_t n); /* exact; or NULL */
#define INFO_TABLE(X)                                                          \
    X(registers, "registers, or those named")                                  \
    X(mem, "page tables of the hart, QEMU's columns")                          \
    X(tlb, "what the TLBs hold")                                               \
    X(tunables, "the kernel's tunables: value, range, default")                \
    X(frames, "frames by state; frames dirty, frames pid N...: which ones")    \
    X(frame, "one frame, by its number, as page PFN")                          \
    X(vm, "the kernel's counters: the important ones; vm all")                 \
    X(ps, "processes")                                                         \
    X(dram, "banks, rows, hits")                                               \
    X(disk, "disks and their queues")                                          \
    X(buddy, "free blocks by order")                                           \
    X(history, "the past that is kept, and where in it the machine stands")    \
    X(events, "the latest kernel events; events 50 fork pid 5: of a kind; "    \
              "from NUMBER: the first ones since")                             \
    X(profile, "where the cycles went")                                        \
    X(breakpoints, "breakpoints, watchpoints, catches")                        \
    X(line, "the addresses of a source line")                                  \
    X(args, "the arguments of the chosen call (frame)")                        \
    X(locals, "its local variables")                                           \
    X(lens, "what the kernel told the machine")                                \
    X(swap,                                                                    \
      "slots of swap, and what went through; swap slots [PID]: which pages")   \
    X(belief, "what the policy believed to be in use, against what was used")  \
    X(policy, "the VM policy: marks, lists, hands, its own tunables")          \
    X(cycles, "where the run's cycles went, by cause")                         \
    X(status, "does the machine run, where is it, how far is it")
#define INFO_DECLARE(word, help)                                               \
    enum command_status info_##word(struct session *s, const char *args);
INFO_TABLE(INFO_DECLARE)

/* ---- running (session.c, cmd_run.c, cmd_stop.c)
 * -------------------------------- */
/* Starts towards s->goal: in a script runs until it stops and reports; at the
 * prompt and in the panel returns at once and the loop goes on. */
enum command_status session_go(struct session *s);
/* Towards the goal for a few milliseconds of host time at most; STOP_NONE:
 * more to do (slice.c). */
enum stop_kind session_slice(struct session *s);
/* Serves the window and the terminal, then runs a slice; STOP_HALT: the machine
 * does not run now. */
enum stop_kind session_turn(struct session *s);
void session_arrive(struct session *s, enum stop_kind kind);
/* The hart sleeps on for a slice, at most to `end`. */
void session_idle(struct session *s, u64 end);
/* Before the first slice: off a breakpoint that pc stands on. */
void session_depart(struct session *s);
/* How far simulated time is ahead of what the pace allows, in host seconds. */
double session_ahead(struct session *s);
/* The machine goes towards g from now on, or, where the panel asks while a
 * script's verb runs, until g is reached. */
void session_new_goal(struct session *s, struct goal g);
/* Executes what the panel queued, publishes, flushes. */
void session_serve(struct session *s);
/* "0x80200000 <start+0x4> addi a0,a0,1": what the hart is about to execute. */
void session_position(struct session *s, char *buf, size_t n);
/* True, with a message: the machine stands in its past (cmd_history.c). */
bool past_refuses(struct session *s, const char *verb);
/* Prints why it stopped; in a file only with -v. */
void session_report(struct session *s);
void session_pace_restart(struct session *s);
/* Goes on from a halt towards the goal that there was. */
void session_resume(struct session *s);
/* The panel's way to an event, among a script's verbs, is over or given up:
 * what the script wants is the goal again. */
void session_old_goal(struct session *s);

/* Gives the engine its breakpoints, watchpoints, catches. */
void stoppers_arm(struct session *s);
/* After the machine stopped: who did it; NULL: nobody (condition false, trap
 * that is not wanted...): go on. */
struct stopper *stoppers_judge(struct session *s, enum machine_stop why);
/* The same, and nothing is counted or deleted: history may come by again. */
struct stopper *stoppers_find(struct session *s, enum machine_stop why);
enum stop_kind stop_of(const struct stopper *by); /* STOP_DONE: of none */
/* The machine stands at s->stopper's stop: counted, and why it stopped. */
void stoppers_stand(struct session *s);
/* Nothing stops the machine but breakpoints (until stoppers_arm). */
void stoppers_rest(struct session *s);
void stoppers_free(struct session *s);
/* A breakpoint in code that each process may have elsewhere: breaks where the
 * process on the hart has it, too. To be called at each of its page faults. */
void stoppers_follow(struct session *s);
/* A breakpoint that was hit is meant: it is one in the kernel or a bare ELF, or
 * its program has that place here. Another program, or the same one elsewhere,
 * may have other code at the address. */
bool stopper_in_program(struct session *s, const struct stopper *b);
bool stopper_breaks_at(const struct stopper *b, u64 va);
void stoppers_look(struct session *s); /* at what is watched, as it is now */
/* A copy of the list, and back to it. */
void stoppers_keep(struct session *s, struct stopper kept[STOPPERS]);
void stoppers_back(struct session *s, const struct stopper kept[STOPPERS]);
/* 1 << enum reason of every catch that stays. */
u64 stoppers_reasons(const struct session *s);
bool lens_open(const struct session *s);  /* does the kernel tell? */
bool has_events(const struct session *s); /* it does, or probes do */
/* True, and said so: an unmodified kernel is read, which tells of no events. */
bool without_events(struct session *s);
bool stoppers_at(struct session *s, u64 va); /* a breakpoint is there */
/* "FILE:LINE  TEXT" of the line that the hart is at; false: none is known.
 * cmd_source.c */
bool session_line(struct session *s, char *buf, size_t n);

/* ---- a debugger (remote.c) ------------------------------------------------
 */
void remote_serve(struct session *s);
bool remote_waits(const struct session *s); /* one is attached */
/* Adds its stops to those that the engine is given. */
void remote_arm(const struct session *s, u64 *va, size_t *nva,
                struct engine_watch *watch, size_t *nwatch);
/* After a stop: the one of its own that did it, to *by. False: none. */
bool remote_judge(struct session *s, enum machine_stop why, struct stopper *by);
/* The machine has stopped on the debugger's way: it stands where the debugger
 * expects it. */
void remote_stand(struct session *s);
/* For it: one step back, or to the last stop that `search` takes (traps are
 * stops, too, if asked for). Says nothing. cmd_history.c */
enum history_end history_way(struct session *s,
                             const struct history_search *search, bool traps);
/* To a moment of the past, or its present. Says nothing. */
enum history_end history_way_to(struct session *s, struct moment to);
/* As machine_run, towards the end of goal.task's step. */
enum machine_stop remote_advance(struct session *s, bool *reached);

/* ---- a machine that gets no further (silence.c) ---------------------------
 */
/* After a slice, looks now and then whether the hart makes progress; and where
 * it sleeps and nothing is to come, whether a key can wake it. A sentence on
 * standard error if not, once a session. The machine is left alone. */
void silence_look(struct session *s);
void silence_asleep(struct session *s);

/* ---- scripts (script.c)
 * --------------------------------------------------------- */
/* Runs a file's lines; stops at the first that does not hold. */
enum command_status script_run(struct session *s, const char *file);
int script_status(enum command_status st);

/* ---- programs in place of scripts (drive.c)
 * ------------------------------------- */
enum command_status drive_run(struct session *s);
/* Has a running verb that began at `from` taken more than it may? */
bool drive_too_long(struct session *s, u64 from);
/* Of a running verb that has ended: a program must know what stops it. */
enum command_status drive_judge(struct session *s);
/* Somebody is asked, and may look around. */
bool drive_asks(struct session *s);
void drive_forget(struct session *s); /* what was kept */

/* ---- reports (cmd_claim.c)
 * ------------------------------------------------------ */
/* A file ends with status st: prints the table of its claims, and returns its
 * status, which is CMD_FAILED if one of them does not hold. */
enum command_status report_end(struct session *s, enum command_status st);
void report_free(struct session *s);

/* ---- panel's side (publish.c)
 * ----------------------------------------------------- */
void publish_init(struct session *s);
void publish_free(struct session *s);
/* A saved past is there: what was taken since goes, of the same machine's life
 * what is later than now, of another's all. */
void publish_forget(struct session *s, bool same_life);
void publish_now(struct session *s, bool force);
/* A caption of the session's own, which events leave alone for so many host
 * seconds; those that came before it do not count as news. */
#define CAPTION_SECONDS 5 /* time to read one */
void publish_caption(struct session *s, const char *text, u32 pfn,
                     double seconds);
/* It tells of the last event that is worth a sentence, where the machine has
 * come to in its past. */
void publish_latest(struct session *s);
/* 1 << enum reason of the events that somebody should be told of: no more of
 * those of which next-event has told enough. */
u64 publish_reasons(const struct session *s);
/* next-event has come to one of them. */
void publish_told(struct session *s, unsigned reason);
/* A new chapter begins: every kind of event is worth telling again. */
void publish_chapter(struct session *s);
struct ins_display *publish_work(struct session *s); /* brought up to date */
/* Brings up to date what follows from machine and session alone: all but the
 * caption and the host's speed. parts: what grows with RAM, a part a time. */
void publish_fill(struct session *s, struct ins_display *d, s64 selected,
                  bool parts);
/* Of the events since so many, which then are all: the one most worth a
 * sentence, and how much (0: none is). */
unsigned publish_tale(struct session *s, u64 *told, struct ins_event *out);
bool publish_on(struct session *s);
struct session *publish_window(struct session *s);
bool publish_queued(struct session *s); /* the panel wants something done */
/* Sleeps up to `seconds` for the terminal or the panel; true: the terminal
 * has something to read. */
bool publish_wait(struct session *s, double seconds, bool terminal);
/* Until standard input has something or has ended, which the panel says
 * meanwhile; false: somebody quit. */
bool publish_await_input(struct session *s);

/* ---- pictures (picture.c)
 * ------------------------------------------------------------- */
u64 picture_reasons(const struct session *s); /* events that they wait for */
void picture_event(struct session *s);        /* one of them stopped a slice */
void picture_at_exit(struct session *s);
void picture_say(struct session *s); /* where it is */

/* Said when keys go to the guest from now on, and, once, when they go there
 * until a run that has an end of its own is over. */
#define CONSOLE_HINT                                                           \
    "the guest has the keys: Ctrl-A c comes back here, Ctrl-A x quits\n"
#define RUN_HINT                                                               \
    "the guest has the keys until the machine stops: Ctrl-A c stops it\n"
/* Said once where simulated time is held to the host's. */
#define PACE_HINT "(no faster than real time; pace max: as fast as it goes)\n"

/* ---- films (film.c) */
void film_at_exit(struct session *s);

/* ---- terminal (tty.c, prompt.c)
 * ------------------------------------------------------ */
void tty_raw(struct session *s, bool on);
/* readline has the terminal in a mode of its own, or has given it back. */
void tty_lent(bool lent);
/* Reads what was typed and gives it to guest or Ctrl-A. */
void tty_keys(struct session *s);
void prompt_start(struct session *s); /* the prompt takes the terminal */
void prompt_stop(struct session *s);  /* the console has it again */
void prompt_read(struct session *s);  /* a key is there */
/* A signal asks for the end: true if it was Ctrl-C at the prompt, which only
 * gives a fresh line. */
bool prompt_interrupt(struct session *s);
enum command_status prompt_lines(struct session *s); /* not a terminal */

#endif
