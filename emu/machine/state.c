/* SPDX-License-Identifier: MIT */
/* Saves and loads all state; no other list of it exists. The configuration
 * comes first: the loading machine must have the same (it takes over --run and
 * --append if it has none); a mismatch is reported before anything changes. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <xxhash.h>

#include "machine/parts.h"

static void must_equal(struct state *s, u64 saved, u64 mine, const char *what)
{
    char why[100];
    snprintf(why, sizeof(why), "saved with %s %llu, this machine has %llu",
             what, saved, mine);
    state_check(s, saved == mine, why);
}

/* Compares a value; the message of a difference has `what` and both numbers. */
static void same(struct state *s, u64 mine, const char *what)
{
    u64 v = mine;
    state_val(s, v);
    must_equal(s, v, mine, what);
}

static void same_text(struct state *s, const char *mine, const char *what)
{
    char v[40] = {0}, why[120];
    snprintf(v, sizeof(v), "%s", mine);
    state_bytes(s, v, sizeof(v));
    v[sizeof(v) - 1] = 0;
    snprintf(why, sizeof(why), "saved with %s %s, this machine has %s", what, v,
             mine);
    state_check(s, !strncmp(v, mine, sizeof(v) - 1), why);
}

/* Compares the extensions; a message names the first that differs. */
static void same_isa(struct state *s, u64 mine)
{
    char why[100] = "";
    u64 v = mine;
    state_val(s, v);
    for (unsigned i = EXT_COUNT; i-- > 0;)
        if ((v ^ mine) >> i & 1)
            snprintf(why, sizeof(why), "saved with%s %s in --isa",
                     v >> i & 1 ? "" : "out", isa_exts[i].name);
    state_check(s, v == mine, why);
}

/* Compares the TLBs of cycle timing. Fast timing has the same ones (bit 63 of
 * the first number visited is then set) or its own. */
static void same_tlbs(struct state *s, const struct tlb_shape fast[3],
                      const struct tlb_shape cycle[3])
{
    const u64 shared = 1ull << 63, mine = fast[1].large ? 0 : shared;
    u64 first = mine | cycle[1].entries;

    state_val(s, first);
    must_equal(s, first & ~shared, cycle[1].entries, "TLB entries");
    state_check(s, (first & shared) == mine,
                mine ? "saved without --tlb and --tlb2"
                     : "saved with --tlb or --tlb2");
    same(s, cycle[1].ways, "TLB ways");
    same(s, cycle[2].entries, "second-level TLB entries");
    same(s, cycle[2].ways, "second-level TLB ways");
}

/* ---- texts of any length ------------------------------------------------ */

#define TEXT_MAX (1u << 20)

static u64 digest_of(const char *text)
{
    return text && *text ? XXH3_64bits(text, strlen(text)) : 0;
}

/* Visits a text: its digest and, except in a hash, the text. On loading returns
 * the saved text (from xcalloc; "": it had none) if it differs from mine, else
 * NULL. */
static char *other_text(struct state *s, const char *mine)
{
    u64 digest = digest_of(mine), v = digest;
    u32 n = mine ? (u32)strlen(mine) : 0;
    state_val(s, v);
    state_note(s, &n, sizeof(n));
    state_check(s, n <= TEXT_MAX && n <= state_left(s), "a text out of range");
    if (state_error(s))
        return NULL;
    char *text = xcalloc(n + 1, 1);
    if (mine && !state_loading(s))
        memcpy(text, mine, n);
    state_note(s, text, n);
    state_check(s, digest_of(text) == v, "a text does not match its digest");
    if (state_loading(s) && !state_error(s) && v != digest)
        return text;
    free(text);
    return NULL;
}

/* Visits the command of --run. A machine without --run takes over the saved
 * command, whose standard input is empty if something else reads the host's. */
static void same_run(struct machine *m, struct state *s)
{
    char why[200];
    char *saved = other_text(s, m->parts->lens.run);
    if (!saved)
        return;
    if (!m->config->run) {
        m->parts->loading.run = saved;
        return;
    }
    snprintf(why, sizeof(why),
             *saved ? "saved with --run '%.80s', this machine has another"
                    : "saved without --run",
             saved);
    state_check(s, false, why);
    free(saved);
}

/* Copies the line's policy, or the default, to `policy`; returns the rest. */
static const char *policy_of(const struct config *c, const char *append,
                             char *policy, size_t n)
{
    static const char word[] = "vm.policy=";
    size_t name = 0;
    if (append && !strncmp(append, word, sizeof(word) - 1)) {
        append += sizeof(word) - 1;
        name = strcspn(append, " ");
        snprintf(policy, n, "%.*s", (int)name, append);
        append += name;
        append += *append == ' ';
    } else {
        snprintf(policy, n, "%s", c->default_policy ? c->default_policy : "");
    }
    return append ? append : "";
}

/* Visits the kernel's command line. A machine that was given none takes over
 * the saved one; a machine with another line refuses the file, and reports both
 * policies if they differ, else the saved line. */
static void same_append(struct machine *m, struct state *s)
{
    struct machine_parts *p = m->parts;
    char saved_policy[20], my_policy[20], why[240];
    char *saved = other_text(s, p->boot.append);
    if (!saved)
        return;
    if (!m->config->append_given) {
        p->loading.append = saved;
        return;
    }
    const char *rest =
        policy_of(m->config, saved, saved_policy, sizeof(saved_policy));
    policy_of(m->config, p->boot.append, my_policy, sizeof(my_policy));
    if (strcmp(saved_policy, my_policy))
        snprintf(why, sizeof(why),
                 "saved with --policy %s, this machine has %s", saved_policy,
                 my_policy);
    else
        snprintf(why, sizeof(why),
                 *rest ? "saved with --append '%.80s'"
                       : "saved without --append",
                 rest);
    state_check(s, false, why);
    free(saved);
}

/* ------------------------------------------------------------------------- */

/* A disk's file must have the same content as when saved. */
static void check_disk_file(struct backing *b, struct state *s, bool at_start)
{
    char why[200];
    u64 mine = at_start ? b->digest_at_start : backing_digest(b), v = mine;
    snprintf(why, sizeof(why), "%.150s%sa disk's file has changed since",
             b->file ? b->file : "", b->file ? ": " : "");
    state_val(s, v);
    state_check(s, v == mine, why);
}

/* Compares drives by a word: bit 0 is set for an overlay, the other bits are a
 * digest of cut= and fail=, or 0. */
static void same_drive(struct state *s, const struct config_drive *d,
                       bool overlay)
{
    u64 cut = d->cut ? XXH3_64bits(&d->cut_seed, sizeof(d->cut_seed)) : 0;
    if (d->cut_loses)
        cut = XXH3_64bits_withSeed(d->cut_loses, strlen(d->cut_loses), cut);
    u64 asks = XXH3_64bits_withSeed(d->fault, sizeof(d->fault), cut);
    u64 mine = overlay | (d->cut || d->nfaults ? asks << 1 : 0), v = mine;
    state_val(s, v);
    must_equal(s, v & 1, overlay, "disk overlay");
    state_check(s, v == mine, "saved with another cut= or fail= of --drive");
}

/* Visits the configuration; at_start: with each disk's digest_at_start. */
static void configuration(struct machine *m, struct state *s, bool at_start)
{
    const struct config *c = m->config;
    struct machine_parts *p = m->parts;
    state_tag(s, "machine");
    same(s, m->ram_bytes, "RAM bytes");
    same(s, m->clock_hz, "clock Hz");
    same_text(s, m->cpu->name, "--cpu");
    same_text(s, p->dram->name, "--dram");
    same_isa(s, m->hart.exts);
    same_tlbs(s, m->mmu.shape[false], m->mmu.shape[true]);
    same_text(s, c->asid ? "on" : "off", "--asid");
    same_text(s, c->hw_ad ? "hw" : "fault", "--ad");
    same(s, c->epoch, "--epoch");
    same(s, c->seed, "--seed");
    same_run(m, s);
    same_append(m, s);
    u64 disks = p->ndisks;
    state_val(s, disks);
    state_check(s, disks || !p->ndisks,
                "saved without disks; for a bare program, name its ELF, too");
    must_equal(s, disks, p->ndisks, "disks");
    same_text(s, c->disk_model ? c->disk_model : disk_model_default(),
              "--disk-model");
    for (unsigned i = 0; i < p->ndisks; i++) {
        same(s, p->backing[i].sectors, "disk sectors");
        same_drive(s, &c->drives[i], p->backing[i].overlay);
        check_disk_file(&p->backing[i], s, at_start);
    }
}

/* A reset that the guest has asked for comes before its next instruction, also
 * if the machine was saved or taken back after the request. */
static void power_state(struct machine *m, struct state *s)
{
    enum { ON, OFF, RESET };
    u8 power = m->off ? OFF : m->parts->reset_wanted ? RESET : ON;
    state_val(s, power);
    state_check(s, power <= RESET, "power");
    m->off = power == OFF;
    m->parts->reset_wanted = power == RESET;
}

static void parts(struct machine *m, struct state *s)
{
    struct machine_parts *p = m->parts;
    power_state(m, s);
    state_val(s, m->exit_status);
    hart_state(&m->hart, s);
    mmu_state(&m->mmu, s);
    memtime_state(&m->mem, s);
    engine_state(m->engine, s);
    clint_state(&p->clint, s);
    plic_state(&p->plic, s);
    uart_state(&p->uart, s);
    rtc_state(&p->rtc, s);
    lens_state(&p->lens, s);
    state_flag(s, &p->console_owed);
    htif_state(&p->htif, s);
    for (unsigned i = 0; i < DISK_SLOTS; i++)
        virtio_state(&p->virtio[i], s);
    for (unsigned i = 0; i < p->ndisks; i++) {
        disk_model_state(p->model[i], s);
        virtio_matches_disk(&p->virtio[i], s);
        backing_state(&p->backing[i], s);
    }
    state_bytes(s, p->rom, sizeof(p->rom));
    state_pages(s, m->ram, m->ram_bytes);
    events_state(&m->events, s); /* last: devices clear theirs on loading */
}

/* The past (machine.h: machine_save) is in the file, but not in the hash. */
static void past(struct machine *m, struct state *s)
{
    struct machine_parts *p = m->parts;
    bool watched = p->past.fn;
    state_tag(s, "past");
    engine_past(m->engine, s);
    state_vals(s, m->resets, p->caught_record);
    state_flag(s, &watched);
    state_check(s, watched == (p->past.fn != NULL),
                "the saved machine's events were watched and this one's are "
                "not, or the reverse");
    if (p->past.fn && !state_error(s))
        p->past.fn(p->past.opaque, s);
}

void machine_state(struct machine *m, struct state *s)
{
    configuration(m, s, false);
    parts(m, s);
}

void machine_visit(struct machine *m, struct state *s)
{
    parts(m, s);
    past(m, s);
}

static void settle_text(char **loaded, char **loading, bool ok)
{
    char **drop = *loading && ok ? loaded : loading;
    free(*drop);
    if (*loading && ok)
        *loaded = *loading;
    *loading = NULL;
}

/* If the saved machine has loaded (ok), its texts become this machine's. */
static void settle_texts(struct machine *m, const char *run_before, bool ok)
{
    struct machine_parts *p = m->parts;
    bool run = p->loading.run, append = p->loading.append;
    settle_text(&p->loaded.run, &p->loading.run, ok);
    settle_text(&p->loaded.append, &p->loading.append, ok);
    if (append && ok)
        p->boot.append = p->loaded.append;
    if (run)
        p->lens.run = !ok ? run_before : *p->loaded.run ? p->loaded.run : NULL;
}

size_t machine_configuration(struct machine *m, u8 **bytes)
{
    struct state_kept k = {0};
    struct state *s = state_keeper(&k);
    configuration(m, s, true);
    state_keep_finish(s);
    *bytes = k.bytes;
    return k.n;
}

bool machine_same_configuration(struct machine *m, const u8 *bytes, size_t n,
                                char *err, size_t size)
{
    struct state *s = state_keep_loader(bytes, n);
    configuration(m, s, false);
    snprintf(err, size, "%s",
             state_error(s) ? state_error(s) : "has a longer configuration");
    bool texts = m->parts->loading.run || m->parts->loading.append;
    if (texts && !state_error(s))
        snprintf(err, size,
                 "recorded with --run, --policy or --append, which "
                 "this machine was not given");
    settle_texts(m, m->parts->lens.run, false);
    return state_load_finish(s) && !texts;
}

void machine_hash(struct machine *m, char hex[33])
{
    struct state *s = state_hasher();
    machine_state(m, s);
    state_hash_finish(s, hex);
}

bool machine_save(struct machine *m, const char *path, char *err, size_t n)
{
    struct state *s = state_saver(path);
    if (!s) {
        snprintf(err, n, "%s", strerror(errno));
        return false;
    }
    machine_state(m, s);
    past(m, s);
    if (state_save_finish(s))
        return true;
    snprintf(err, n, "cannot be written: %s", strerror(errno));
    return false;
}

/* Renews host accelerators. A console read that still waits is due at once. */
static void after_load(struct machine *m)
{
    struct machine_parts *p = m->parts;
    p->caught = false;
    engine_context_changed(m->engine);
    engine_forget_stops(m->engine);
    engine_watch_line(m->engine, p->htif.tohost);
    if (p->console_owed && m->io.console_in)
        m->events.at[EV_INPUT] = machine_now(m);
}

bool machine_load(struct machine *m, const char *path, char *err, size_t n)
{
    struct state *s = state_loader(path);
    if (!s) {
        snprintf(err, n, "%s", strerror(errno));
        return false;
    }
    configuration(m, s, false);
    bool started = !state_error(s);
    const char *run_before = m->parts->lens.run;
    if (started && m->parts->loading.run)
        m->parts->lens.run = m->parts->loading.run;
    if (started) { /* before parts() loads a reservation, which this drops */
        m->loads++;
        engine_ram_written(m->engine, RAM_BASE, m->ram_bytes);
        parts(m, s);
        past(m, s);
    }
    if (state_error(s))
        snprintf(err, n, "%s", state_error(s));
    else
        snprintf(err, n, "has more than this machine's state");
    bool ok = state_load_finish(s);
    settle_texts(m, run_before, ok);
    if (ok) {
        after_load(m);
        history_restart(m->past);
    } else if (started) { /* parts of two machines: start anew */
        engine_set_timed(m->engine, engine_timed(m->engine));
        machine_reset(m);
        history_restart(m->past); /* the reset is not in the log */
    }
    return ok;
}
