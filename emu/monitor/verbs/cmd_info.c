/* SPDX-License-Identifier: MIT */
/* Finds the answer to info WHAT; answers about DRAM, disks and the lens. */
#include "inspect/events.h"
#include "inspect/frames.h"
#include "inspect/parts.h"
#include "inspect/words.h"
#include "monitor/verbs/verbs.h"

const struct info infos[] = {
#define INFO(topic, args, help) {#topic, help, info_##topic},
#include "monitor/verbs/infos.def"
    {NULL, NULL, NULL}};

const struct info *info_find(const char *word, size_t n)
{
    for (unsigned i = 0; infos[i].word; i++)
        if (strlen(infos[i].word) == n && word_begins(word, infos[i].word))
            return &infos[i];
    return NULL;
}

/* Finds the row of `info` by name or unique beginning, else NULL. */
static const struct info *info_meant(const char *word)
{
    const struct info *found = info_find(word, strlen(word));
    if (found)
        return found;
    for (unsigned i = 0; infos[i].word; i++) {
        if (!word_begins(infos[i].word, word))
            continue;
        if (found)
            return NULL;
        found = &infos[i];
    }
    return found;
}

static enum command_status list_infos(struct answer *a)
{
    json_open(&a->j, NULL, '{');
    for (unsigned i = 0; infos[i].word; i++) {
        json_str(&a->j, infos[i].word, infos[i].help);
        say(a, "info %-12s %s\n", infos[i].word, infos[i].help);
    }
    json_close(&a->j, '}');
    return finish_json(a);
}

enum command_status cmd_info(struct answer *a, const char *args)
{
    char word[32];
    if (!args_more(&args))
        return list_infos(a);
    if (!args_word(a, &args, word, sizeof word, "what"))
        return CMD_BAD;
    const struct info *info = info_meant(word);
    const char *meant = everyday(word, "info ");
    if (!info && meant)
        info = info_meant(meant);
    if (info)
        return info->fn(a, args);
    const char *told = everyday_told(word);
    if (told)
        return fail(a, CMD_BAD, "info: %s: unknown; %s", word, told);
    struct ins_condition c;
    if (inspect_condition(word, &c))
        return fail(a, CMD_BAD,
                    "info: %s: unknown; did you mean info frames %s?", word,
                    c.word);
    struct word_nearest near = {.typed = word};
    char text[80];
    unsigned like = 0;
    for (unsigned i = 0; infos[i].word; i++) {
        like += word_begins(infos[i].word, word);
        word_offer(&near, infos[i].word);
    }
    return fail(a, CMD_BAD, "info: %s: %s%s", word,
                like > 1 ? "more than one begins so" : "unknown",
                *near.best ? word_hint(&near, text, sizeof text)
                           : " (info alone lists all)");
}

static void dram_bank(struct answer *a, struct json *j, unsigned i,
                      const struct ins_dram_bank *b)
{
    char row[16] = "-";
    if (b->open)
        snprintf(row, sizeof row, "0x%x", b->row);
    json_add(j, "{open:%hhd row:%u hits:%llu conflicts:%llu}", b->open, b->row,
             b->hits, b->conflicts);
    say(a, "%4u  %8s %10llu %10llu\n", i, row, b->hits, b->conflicts);
}

enum command_status info_dram(struct answer *a, const char *args)
{
    struct ins_dram d;
    if (!args_end(a, args))
        return CMD_BAD;
    inspect_dram(a->s->m, &d);
    u64 all = d.row_hits + d.row_closed + d.row_conflicts;
    json_add(&a->j,
             "{reads:%llu writes:%llu row_hits:%llu row_closed:%llu "
             "row_conflicts:%llu refreshes:%llu banks:[",
             d.reads, d.writes, d.row_hits, d.row_closed, d.row_conflicts,
             d.refreshes);
    say(a,
        "%llu reads, %llu writes; rows: %.1f%% hit, %.1f%% closed, %.1f%% "
        "conflict; %llu refreshes\nbank  open row       hits  conflicts\n",
        d.reads, d.writes, percent(d.row_hits, all), percent(d.row_closed, all),
        percent(d.row_conflicts, all), d.refreshes);
    for (unsigned i = 0; i < d.nbanks; i++)
        dram_bank(a, &a->j, i, &d.bank[i]);
    json_add(&a->j, "]}");
    return finish_json(a);
}

static void disk_queue(struct answer *a, struct json *j,
                       const struct disk_view *d, double ms)
{
    json_open(j, "queue", '[');
    for (unsigned i = 0; i < d->nrequests; i++) {
        const struct disk_request *r = &d->request[i];
        const char *what = inspect_request_word(r->type);
        u64 now = machine_now(a->s->m);
        double left = r->done_at > now ? (double)(r->done_at - now) * ms : 0;
        json_add(
            j, "{what:%s sector:%llu bytes:%llu pa:%#llx left_ms:%g state:%s}",
            what, r->sector, r->bytes, r->pa, left,
            r->waits ? "waits" : "in service");
        say(a,
            "  %-5s sector %-10llu %7llu bytes, %s 0x%llx, %.3f ms "
            "left%s\n",
            what, r->sector, r->bytes, r->type == 1 ? "from" : "to", r->pa,
            left, r->waits ? ", waits" : "");
    }
    json_close(j, ']');
    if (d->queued > d->nrequests)
        say(a, "  + %u more\n", d->queued - d->nrequests);
}

enum command_status info_disk(struct answer *a, const char *args)
{
    struct disk_view d[DISK_SLOTS];
    double ms = 1e3 / (double)a->s->m->clock_hz;
    if (!args_end(a, args))
        return CMD_BAD;
    unsigned n = machine_disks(a->s->m, d, DISK_SLOTS);
    json_open(&a->j, NULL, '[');
    for (unsigned i = 0; i < n; i++) {
        if (!d[i].present)
            continue;
        const struct disk_stats *t = &d[i].stats;
        json_add(&a->j,
                 "{slot:%u file:%s sectors:%llu reads:%llu writes:%llu "
                 "bytes:%llu seek_ms:%g busy_ms:%g queued:%u head_sector:%llu "
                 "failed:%llu unflushed_bytes:%llu",
                 i, d[i].file ? d[i].file : "memory", d[i].sectors, t->reads,
                 t->writes, t->read_bytes + t->write_bytes,
                 (double)t->seek_cycles * ms, (double)t->busy_cycles * ms,
                 d[i].queued, t->head_sector, d[i].failed, d[i].unflushed);
        say(a,
            "disk %u %s: %llu sectors; %llu reads, %llu writes, %llu "
            "KiB; seek %.2f ms, busy %.2f ms; %u queued, head at %llu\n",
            i, d[i].file ? d[i].file : "(memory)", d[i].sectors, t->reads,
            t->writes, (t->read_bytes + t->write_bytes) / 1024,
            (double)t->seek_cycles * ms, (double)t->busy_cycles * ms,
            d[i].queued, t->head_sector);
        if (d[i].failed || d[i].unflushed)
            say(a,
                "  %llu requests failed on purpose, %llu bytes not flushed\n",
                d[i].failed, d[i].unflushed);
        disk_queue(a, &a->j, &d[i], ms);
        json_close(&a->j, '}');
    }
    json_close(&a->j, ']');
    return finish_json(a);
}

enum command_status info_lens(struct answer *a, const char *args)
{
    struct session *s = a->s;
    const struct lens_view *v = machine_lens(s->m);
    char text[160];
    if (!args_end(a, args))
        return CMD_BAD;
    bool open = v && v->open;
    json_add(&a->j, "{open:%hhd", open);
    if (open)
        json_add(&a->j,
                 "policy:%s busy:%hhd frames:%llu frames_pa:%#llx "
                 "frame_stride:%llu slots:%llu procs_pa:%#llx zero_pfn:%llu "
                 "events:%llu direct_va:%#llx",
                 v->info->policy, machine_lens_busy(s->m),
                 (u64)v->info->nframes, (u64)v->info->frames_pa,
                 (u64)v->info->frame_stride, (u64)v->info->nprocs,
                 (u64)v->info->procs_pa, (u64)v->info->zero_pfn, v->events,
                 (u64)v->info->direct_va);
    json_close(&a->j, '}');
    if (open)
        say(a,
            "open%s, policy %s: %llu frames at 0x%llx, %llu process slots at "
            "0x%llx, zero frame %llu, %llu events\n",
            machine_lens_busy(s->m) ? " (busy)" : "", v->info->policy,
            (u64)v->info->nframes, (u64)v->info->frames_pa,
            (u64)v->info->nprocs, (u64)v->info->procs_pa,
            (u64)v->info->zero_pfn, v->events);
    else
        say(a, "the guest has opened no lens\n");
    for (unsigned i = 0; inspect_probes_words(s->probes, i, text, sizeof text);
         i++)
        say(a, "%s\n", text);
    return finish_json(a);
}
