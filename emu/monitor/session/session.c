/* SPDX-License-Identifier: MIT */
/* Runs the main loop: slices of the machine, and between them the terminal and
 * the panel's queue. The host's clock decides when to sleep, report, draw, and
 * how long a slice is; it never reaches the machine. */
#include "inspect/display.h"

#include "base/ending.h"
#include "base/whole.h"
#include "inspect/events.h"
#include "inspect/frames.h"
#include "inspect/numbers.h"
#include "inspect/logs.h"
#include "inspect/profile.h"
#include "inspect/stale.h"
#include "inspect/symbols.h"
#include "inspect/truth.h"
#include "monitor/run/claims.h"
#include "monitor/run/env.h"
#include "monitor/session/sources.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STATUS_UNWRITTEN 2
#define STATUS_HUNG      1
#define STATUS_DEPARTED  1

static void to_stdout(void *opaque, const char *text, bool json)
{
    struct session *s = opaque;
    struct streams *st = s->streams;
    if (s->config->panel == PANEL_TERM)
        return;        /* the panel has the terminal */
    if (st->line_open) /* the guest's last line has no end */
        putc_unlocked('\n', stdout);
    st->line_open = false;
    if (json) /* programs read whole lines */
        fputs(text, stdout);
    else
        wrap_text(&s->wrap, s->led, text);
}

static bool await_input(void *session)
{
    return inbox_await_input(session);
}

static struct show_state state_now(const void *session)
{
    const struct session *s = session;
    struct show_state now = {.going = s->run.going,
                             .at_goal = s->run.stopped == STOP_DONE,
                             .led = s->led,
                             .file_runs = s->files,
                             .pace = s->run.pace};
    for (unsigned i = 0; i < STOPPERS; i++)
        if (s->run.stoppers[i].number && !s->run.stoppers[i].once)
            now.catching |= s->run.stoppers[i].reasons;
    return now;
}

static void to_guest(struct session *s)
{
    prompt_stop(s);
    s->prompt_waits = true;
    tty_raw(s, true);
}

struct session *session_new(struct machine *m, const struct config *c)
{
    static const struct run_port port = {session_turn, to_guest, script_run};
    struct session *s = xcalloc(1, sizeof *s);
    s->m = m;
    s->config = c;
    s->streams = m->io.opaque;
    s->streams->machine = m;
    if (c->panel == PANEL_WINDOW)
        s->streams->await_input = await_input;
    s->streams->await_opaque = s;
    s->lead.who = IN_SCRIPT;
    s->person.who = IN_PROMPT;
    s->run.next_number = 1;
    s->run.port = &port;
    env_init(s);
    inbox_init(s);
    session_output(s, to_stdout, s);
    s->events = inspect_events_open(m, c->events);
    s->show = (struct show){.m = m,
                            .config = c,
                            .events = s->events,
                            .term = s->streams->term,
                            .state = state_now,
                            .session = s};
    publish_init(&s->show);
    if (c->counters)
        s->logs.counters =
            inspect_counter_log_open(m, c->counters, c->counters_cycles);
    if (c->trace)
        s->logs.trace = inspect_trace_open(m, s->events, c->trace);
    bool asked = c->stats || c->monitor || c->panel || c->nscripts;
    if (asked && c->boots_guest && c->ram_bytes <= 1ull << 30)
        s->show.truth = s->truth = inspect_truth_open(m, s->events);
    asked |= c->events || c->trace;
    if (asked && !c->boots_guest && !c->refs)
        s->probes = inspect_probes_open(m, s->events);
    s->paths = inspect_paths_open(m);
    s->sources = inspect_sources_open(m);
    if (c->signature)
        inspect_signature_check(m, c->signature);
    if (c->commit_log)
        s->logs.commits = inspect_commit_log_open(m, c->commit_log);
    if (c->refs)
        s->logs.refs = inspect_refs_open(m, s->events, c->refs);
    s->run.pace = c->pace;
    history_also(m->past, streams_past, s->streams);
    history_also(m->past, inspect_profile_past, &s->profile);
    s->stale = inspect_stale_open(m, s->events);
    return s;
}

void session_free(struct session *s)
{
    if (!s)
        return;
    inspect_stale_close(s->stale);
    inspect_truth_close(s->truth);
    inspect_trace_close(s->logs.trace);
    inspect_counter_log_close(s->logs.counters);
    inspect_probes_close(s->probes);
    inspect_events_close(s->events);
    inspect_commit_log_close(s->logs.commits);
    inspect_refs_close(s->logs.refs);
    inspect_profile_close(s->profile);
    inspect_paths_close(s->paths);
    stoppers_free(s);
    inspect_sources_close(s->sources);
    free(s->listed.file);
    for (unsigned i = 0; i < CONTEXTS; i++)
        session_drop(s, i);
    publish_free(&s->show);
    inbox_free(s);
    claims_free(s);
    streams_free(s->streams);
    wrap_free(&s->wrap);
    free(s);
}

/* ---- the loop -------------------------------------------------------- */

/* True: the terminal is read, for the prompt or for the guest's console; a
 * script and --run leave it alone. */
static bool attends_terminal(const struct session *s)
{
    return s->streams->tty && !s->config->run && !s->led;
}

/* Sleeps for `seconds`, or until there is something to serve. Then passes typed
 * bytes to the prompt or the guest. */
static void wait_for_input(struct session *s, double seconds)
{
    bool owes = streams_owe(s->streams);
    bool typed = inbox_wait(s, seconds, owes || attends_terminal(s));
    if (!typed)
        return;
    if (owes)
        streams_give(s->streams);
    else if (s->at_prompt)
        prompt_read(s);
    else
        tty_keys(s);
}

static bool user_can_type(struct session *s)
{
    return !s->driver.fn &&
           (attends_terminal(s) || s->config->panel == PANEL_WINDOW ||
            publish_on(&s->show));
}

enum stop_kind session_turn(struct session *s)
{
    session_serve(s);
    if (s->quit)
        return STOP_ENDED;
    double ahead = s->run.going ? session_ahead(s) : .05;
    wait_for_input(s, ahead < .005 ? 0 : ahead < .05 ? ahead : .05);
    if (s->quit || s->ended)
        return STOP_ENDED;
    if (!s->run.going)
        return STOP_HALT;
    if (ahead > .01)
        return STOP_NONE;
    enum stop_kind kind = session_slice(s);
    if (kind == STOP_NONE)
        silence_look(s);
    if (silence_policy(s))
        return STOP_ENDED;
    /* Else the guest waits for ever, and only a key can wake it. */
    if (kind != STOP_HUNG || !user_can_type(s) || session_steps(s))
        return kind;
    silence_asleep(s);
    if (s->run.pace > 0) { /* with a pace, time goes on meanwhile */
        session_idle(s, NEVER);
        return STOP_NONE;
    }
    publish_now(&s->show, true);
    wait_for_input(s, .1);
    return STOP_NONE;
}

/* ---- people ---------------------------------------------------------- */

static bool panel_open(const struct session *s)
{
    return s->config->panel != PANEL_OFF;
}

/* True: somebody sees the panel. Without a terminal --panel=term only prints
 * its last picture. */
static bool panel_watched(const struct session *s)
{
    enum panel_kind panel = s->config->panel;
    return panel == PANEL_WINDOW ||
           (panel == PANEL_TERM && isatty(STDIN_FILENO) &&
            isatty(STDOUT_FILENO));
}

static void end_of_run(struct session *s, enum stop_kind kind)
{
    s->ended = true;
    if (kind == STOP_DEPARTED) {
        s->exit_status = STATUS_DEPARTED;
        streams_flush(s->streams);
        fprintf(stderr, "clockhand: %s: %s\n", s->config->replay,
                history_departure(s->m->past));
    }
    if (kind != STOP_HUNG)
        return;
    s->exit_status = STATUS_HUNG;
    streams_flush(s->streams);
    fprintf(stderr,
            "clockhand: halted: the hart waits at pc 0x%llx for an interrupt "
            "that cannot come\n",
            s->m->hart.pc);
}

/* Handles a stop while people watch. The prompt gets the terminal, unless only
 * the panel asked for the run. If the run is over, the program ends, unless
 * somebody sees the panel or, without --run, a prompt or a panel stays open. */
static void stop_for_people(struct answer *a, enum stop_kind kind)
{
    struct session *s = a->s;
    bool over =
        kind == STOP_OFF || kind == STOP_LIMIT || kind == STOP_REPLAYED ||
        kind == STOP_DEPARTED ||
        (kind == STOP_HUNG && !user_can_type(s) && !debugger_attached(s));
    bool stays = (s->config->monitor && s->streams->tty) || panel_open(s);
    bool remote = s->run.goals[IN_REMOTE].on, panel = s->run.goals[IN_PANEL].on;
    for (unsigned i = IN_PROMPT; i < CONTEXTS; i++)
        session_drop(s, i); /* they all learn of this stop */
    session_run_end(s, kind);
    publish_now(&s->show, true);
    if (kind == STOP_OFF)
        s->exit_status = s->m->exit_status;
    if (s->ended || (over && !panel_watched(s) && (!stays || s->config->run))) {
        end_of_run(s, kind);
        return;
    }
    if (remote) { /* the debugger reports it */
        s->debugged.port->arrive(s->debugged.d);
        return;
    }
    tty_raw(s, false);
    session_report(a);
    if (s->prompt_waits || (s->streams->tty && !panel))
        prompt_start(s);
    else if (attends_terminal(s))
        tty_raw(s, true);
}

void session_debugged(struct answer *a, bool (*over)(void *), void *opaque)
{
    struct session *s = a->s;
    bool open = s->debugged.open;
    s->debugged.open = s->debugged.lent = true;
    s->led++; /* the terminal is gdb's */
    while (!over(opaque)) {
        if (s->quit || s->ended) { /* tell gdb; then the user leaves it */
            debugger_serve(s);
            inbox_wait(s, .05, false);
            continue;
        }
        enum stop_kind kind = session_turn(s);
        if (kind != STOP_NONE && kind != STOP_HALT && kind != STOP_ENDED)
            stop_for_people(a, kind);
    }
    s->led--;
    s->debugged.open = open;
    s->debugged.lent = false;
    if (s->run.going)
        session_run_end(s, STOP_HALT);
}

/* Says that a program was killed: --run shows only the program's output, and
 * the status 128 + SIGKILL does not say why. */
static void say_killed(struct session *s)
{
    u64 n;
    if (!s->config->run || s->exit_status != 137 ||
        !inspect_counter(s->m, "oom_kill", &n) || !n)
        return;
    streams_flush(s->streams);
    fprintf(s->streams->err,
            "clockhand: --run: memory was exhausted: the kernel has killed "
            "%llu process%s (--ram or --swap gives more)\n",
            n, n == 1 ? "" : "es");
}

static void interactive(struct answer *a)
{
    struct session *s = a->s;
    s->debugged.open = s->debugged.port;
    while (!s->ended && !s->quit) {
        enum stop_kind kind = session_turn(s);
        if (kind == STOP_ENDED)
            break;
        if (kind == STOP_NONE || (kind == STOP_HALT && !s->prompt_waits))
            continue;
        stop_for_people(a, kind);
    }
    prompt_stop(s);
    tty_raw(s, false);
}

static enum command_status run_scripts(struct session *s)
{
    struct answer a = {.s = s, .to = &s->lead};
    enum command_status st = CMD_OK;
    for (unsigned i = 0; i < s->config->nscripts && st == CMD_OK; i++)
        st = script_run(&a, s->config->scripts[i]);
    return st;
}

static void write_stats(struct session *s, double ended)
{
    const char *file = s->config->stats;
    struct whole w;
    char *text;
    inspect_stats_json(s->m, inspect_truth(s->truth), ended - s->started,
                       s->started - s->streams->started, &text);
    if (!strcmp(file, "-"))
        fprintf(s->streams->out, "%s\n", text);
    else if (!whole_open(&w, file))
        complain(file, "%s", strerror(errno));
    else if (fprintf(w.f, "%s\n", text), !whole_close(&w))
        complain(file, "cannot be written: %s", strerror(errno));
    free(text);
}

static void disk_failed(const char *file, const char *why)
{
    complain(file, "cannot be written: %s", why);
}

static void close_logs(struct session *s)
{
    const struct config *c = s->config;
    struct ins_events *events = s->events;
    struct ins_commit_log *commit_log = s->logs.commits;
    struct ins_refs *refs = s->logs.refs;
    struct ins_trace *trace = s->logs.trace;
    struct ins_counter_log *counter_log = s->logs.counters;
    s->events = s->show.events = NULL;
    s->logs.commits = NULL;
    s->logs.refs = NULL;
    s->logs.trace = NULL;
    s->logs.counters = NULL;
    inspect_truth_stop(s->truth);
    if (!inspect_counter_log_close(counter_log))
        complain(c->counters, "cannot be written: %s", strerror(errno));
    if (!inspect_trace_close(trace))
        complain(c->trace, "cannot be written: %s", strerror(errno));
    if (!inspect_refs_close(refs))
        complain(c->refs, "cannot be written: %s", strerror(errno));
    if (!inspect_events_close(events))
        complain(c->events, "cannot be written: %s", strerror(errno));
    if (!inspect_commit_log_close(commit_log))
        complain(c->commit_log, "cannot be written: %s", strerror(errno));
}

/* Writes the files that the command line asked for at exit. All of them are
 * tried, also after a signal and when one of them cannot be written. */
static void write_files(struct session *s, double ended)
{
    const struct config *c = s->config;
    char err[200];
    picture_at_exit(&s->show);
    film_at_exit(&s->show);
    if (c->save && !machine_save(s->m, c->save, err, sizeof err))
        complain(c->save, "%s", err);
    close_logs(s);
    if (c->signature)
        inspect_signature_write(s->m, c->signature, c->signature_granularity);
    if (c->stats)
        write_stats(s, ended);
    if (c->hash) {
        char hex[33];
        machine_hash(s->m, hex);
        fflush(stdout);
        fprintf(s->streams->err, "hash %s\n", hex);
    }
    if (c->record && !history_write_log(s->m->past, c->record, err, sizeof err))
        complain(c->record, "%s", err);
    /* This exit cuts the disks' power, unless the machine was saved here. */
    machine_settle_disks(s->m, !c->save && s->saved != machine_now(s->m),
                         disk_failed);
    ending_flush();
    picture_say(&s->show);
}

static void greet(struct answer *a)
{
    struct session *s = a->s;
    if (!isatty(STDOUT_FILENO))
        return;
    say(a, s->config->monitor && s->m->off
               ? "The machine is off, and can be looked at; help lists the "
                 "verbs, Ctrl-A x leaves\n"
           : s->config->monitor
               ? "The machine stands; run-for 300ms or continue runs it, help "
                 "lists the verbs, Ctrl-A x leaves\n"
               : "Ctrl-A c: the monitor, where the machine stands and answers; "
                 "Ctrl-A x leaves. The guest's programs: cat /era/README\n");
    session_flush(s);
}

/* Hands the machine, running or halted, to the terminal, the panel or the
 * debugger, after the scripts if there are any. */
static void serve_people(struct session *s)
{
    const struct config *c = s->config;
    if (c->monitor && !s->streams->tty) {
        enum command_status st =
            script_run(&(struct answer){.s = s, .to = &s->lead}, "-");
        if (st != CMD_OK && st != CMD_QUIT)
            s->exit_status = script_status(st);
        if (!panel_open(s))
            return;
    }
    if (c->start_halted && !s->streams->tty && !panel_open(s) &&
        !s->debugged.port) {
        s->exit_status = 2;
        fprintf(stderr, "clockhand: -S: there is no terminal and no panel "
                        "from which the machine could be started\n");
        return;
    }
    if (s->m->off && !c->monitor && !panel_open(s)) { /* off when saved, or by
                                                       * a script */
        s->exit_status = s->m->exit_status;
        return;
    }
    struct answer a = {.s = s, .to = &s->person};
    bool rests = panel_watched(s) && cards_rest(&s->show);
    if (!c->monitor && !c->start_halted && !s->m->off && !s->debugged.port &&
        !rests)
        session_run_begin(s);
    if (c->stay && c->nscripts && !c->monitor && attends_terminal(s)) {
        /* the shell's prompt stands above the script's output already */
        say(&a,
            "\nThe guest's shell waits (Enter: a fresh prompt). Ctrl-A c: the "
            "monitor; Ctrl-A x leaves\n");
        session_flush(s);
    }
    if (attends_terminal(s) && !c->nscripts)
        greet(&a);
    if (c->monitor && s->streams->tty)
        prompt_start(s);
    else if (attends_terminal(s))
        tty_raw(s, true);
    interactive(&a);
}

/* Keeps the machine's past if a user, a script or a lesson may go back in it,
 * or if the input log is written to or read from a file. If going back is
 * unlikely, the past is kept lazily. */
static void begin_history(struct session *s)
{
    const struct config *c = s->config;
    char err[200];
    bool likely = c->monitor || panel_open(s) || attends_terminal(s) ||
                  s->debugged.port || drive_asks(s);
    if (!likely && !(s->driver.fn || c->nscripts || c->record || c->replay))
        return;
    history_begin(s->m->past, HISTORY_BYTES);
    if (!likely)
        history_lazily(s->m->past);
    if (c->replay && !history_replay(s->m->past, c->replay, err, sizeof err))
        die(c->replay, "%s", err);
    if (!c->record)
        return;
    machine_note_disks(s->m);
    history_record(s->m->past);
}

int session_main(struct session *s)
{
    const struct config *c = s->config;
    begin_history(s);
    s->started = host_now();
    session_pace_restart(s);
    if (c->nscripts || s->driver.fn) {
        enum command_status st = s->driver.fn ? drive_run(s) : run_scripts(s);
        bool go_on = !s->driver.fn && (c->monitor || panel_open(s) || c->stay ||
                                       s->debugged.port);
        if (st != CMD_OK && st != CMD_QUIT)
            s->exit_status = script_status(st);
        if (st != CMD_OK || !go_on)
            s->ended = true;
    }
    if (!s->ended && !s->quit)
        serve_people(s);
    double ended = host_now();
    say_killed(s);
    write_files(s, ended);
    pthread_mutex_lock(&s->inbox.lock);
    s->inbox.over = true;
    pthread_mutex_unlock(&s->inbox.lock);
    return complaints() ? STATUS_UNWRITTEN : s->exit_status;
}
