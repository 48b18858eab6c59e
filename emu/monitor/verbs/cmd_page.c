/* SPDX-License-Identifier: MIT */
/* page shows one frame. */
#include "inspect/events.h"
#include "inspect/frames.h"
#include "inspect/kernel.h"
#include "inspect/parts.h"
#include "inspect/words.h"
#include "monitor/verbs/verbs.h"

static double milliseconds(struct session *s, u64 cycles)
{
    return (double)cycles * 1e3 / (double)s->m->clock_hz;
}

static void latest_events(struct answer *a, struct json *j, const char *key,
                          u32 pfn, unsigned most)
{
    struct ins_event e[256];
    unsigned n = inspect_events_recent(
        a->s->events, pfn, e, most < ARRAY_LEN(e) ? most : ARRAY_LEN(e));
    if (n)
        events_head(a);
    events_list(a, j, key, e, n);
    u32 total = inspect_events_of_frame(a->s->events, pfn);
    if (total > n)
        say(a, "and %u before these: why %u\n", total - n, pfn);
}

static void flag_words(u8 flags, char *buf, size_t n)
{
    static const char *const words[] = {"I/O",      "dirty",  "mlocked",
                                        "inactive", "active", "referenced"};
    *buf = 0;
    for (unsigned i = 0; i < ARRAY_LEN(words); i++)
        if (flags >> i & 1) {
            size_t at = strlen(buf);
            snprintf(buf + at, n - at, "%s%s", at ? " " : "", words[i]);
        }
}

static void pte_letters(u64 pte, char buf[9])
{
    static const char letters[] = "DAGUXWRV";
    for (unsigned i = 0; i < 8; i++)
        buf[i] = pte >> (7 - i) & 1 ? letters[i] : '-';
    buf[8] = 0;
}

void unmodified_json(struct session *s, struct json *j, u64 pfn,
                     const struct ins_unmodified *f)
{
    char words[280];
    if (!f->known)
        return;
    inspect_unmodified_words(s->m, pfn, f, words, sizeof words);
    if (f->flagged)
        json_add(j, "kpageflags:%#llx generation:%d", f->flags, f->generation);
    json_str(j, "native", words);
}

static void page_json(struct session *s, struct json *j,
                      const struct ins_frame *f)
{
    char words[80], path[200];
    struct ins_row row = inspect_frame_row(f);
    flag_words(f->flags, words, sizeof words);
    json_add(j, "pfn:%llu pa:%#llx state:%s view:%s", f->pfn, f->pa,
             inspect_state_word(f->state), f->known ? "kernel" : "machine");
    if (f->known) {
        if (f->unmodified.known)
            unmodified_json(s, j, f->pfn, &f->unmodified);
        else
            json_str(j, "by_events", inspect_state_word(f->shadow));
        json_str(j, "flags", words);
        marks_json(j, &row);
        json_add(
            j, "refs:%d pins:%u owner:%u owner_name:%s object:%llu index:%llu",
            f->refs, f->pins, f->owner, f->owner_name, f->object, f->index);
        if (inspect_path(s->paths, f->pfn, f->state, f->object, path,
                         sizeof path))
            json_str(j, "path", path);
    }
    json_add(j,
             "age_cycles:%llu age_grid_cycles:%llu used:%hhd dram_bank:%u "
             "dram_row:%u npte:%u ptes:[",
             f->age_cycles, f->age_grid, f->last_use_epoch != 0, f->dram_bank,
             f->dram_row, f->nptes);
    for (unsigned i = 0; i < f->nptes && i < INS_PTES_MAX; i++) {
        char letters[9];
        pte_letters(f->ptes[i].pte, letters);
        json_add(j,
                 "{pid:%u va:%#llx level:%d pte_pa:%#llx pte:%#llx flags:%s}",
                 f->ptes[i].pid, f->ptes[i].va, f->ptes[i].level,
                 f->ptes[i].pte_pa, f->ptes[i].pte, letters);
    }
    json_close(j, ']');
}

static void page_text(struct answer *a, const struct ins_frame *f)
{
    struct session *s = a->s;
    char words[120] = "", letters[9], file[280];
    struct ins_row row = inspect_frame_row(f);
    if (f->known)
        inspect_row_marks(&row, words, sizeof words);
    say(a, "frame %llu  pa 0x%llx  %s%s%s\n", f->pfn, f->pa,
        inspect_state_word(f->state), *words ? "  " : "", words);
    if (f->state < FS_COUNT)
        say(a, "  %s\n", ins_states[f->state].sentence);
    if (f->state == FS_COW && f->known && f->refs == 1)
        say(a, "  one process still maps it: it stays cow-shared until that "
               "process writes, and no copy will be made\n");
    if (!f->known)
        say(a, "  (the machine's view: the kernel opened no lens)\n");
    else
        say(a, "  owner %u %s  refs %d  pins %u  object %llu index %llu\n",
            f->owner, f->owner_name, f->refs, f->pins, f->object, f->index);
    page_of_file(s, f->pfn, f->state, f->object, f->index, file, sizeof file);
    if (f->object)
        say(a, "  it is %s\n", file);
    inspect_unmodified_words(s->m, f->pfn, &f->unmodified, file, sizeof file);
    if (*file)
        say(a, "  %s\n", file);
    if (f->last_use_epoch && f->age_cycles < f->age_grid)
        say(a, "  last used less than a millisecond ago");
    else if (f->last_use_epoch)
        say(a, "  last used %.0f ms ago", milliseconds(s, f->age_cycles));
    else
        say(a, "  no instruction has used it%s",
            f->flags & FRAME_F_REF ? " (the kernel marked it referenced)" : "");
    say(a, "; DRAM bank %u row 0x%x\n", f->dram_bank, f->dram_row);
    for (unsigned i = 0; i < f->nptes && i < INS_PTES_MAX; i++) {
        pte_letters(f->ptes[i].pte, letters);
        static const char *const of[] = {"", ", of 2 MiB", ", of 1 GiB"};
        say(a, "  pid %-5u va 0x%llx  %s  pte at 0x%llx%s\n", f->ptes[i].pid,
            f->ptes[i].va, letters, f->ptes[i].pte_pa, of[f->ptes[i].level]);
    }
    if (f->nptes > INS_PTES_MAX)
        say(a, "  ... %u PTEs in all\n", f->nptes);
    struct ins_event now;
    if (event_under_way(s, &now) && now.pfn == f->pfn && !f->refs)
        say(a,
            "  the kernel is at work on it: pid %u gets it at 0x%llx when "
            "the kernel goes on\n",
            now.space ? now.space : now.pid, now.va);
}

static enum command_status no_frame(struct answer *a, const char *verb, u64 n)
{
    char frames[60];
    snprintf(frames, sizeof frames, "RAM has frames 0 to %llu",
             (a->s->m->ram_bytes >> PAGE_SHIFT) - 1);
    if ((s64)n < 0 && (s64)n > -(s64)PAGE_BYTES)
        return fail(a, CMD_BAD, "%s: %lld is no frame: %s", verb, n, frames);
    if (n < 0x10000) /* below all addresses of programs */
        return fail(a, CMD_BAD, "%s: no frame %llu: %s", verb, n, frames);
    return fail(a, CMD_BAD,
                "%s: no frame %llu: %s, at physical addresses 0x%llx to 0x%llx "
                "(for a virtual address, ask walk 0x%llx)",
                verb, n, frames, RAM_BASE, RAM_BASE + a->s->m->ram_bytes - 1,
                n);
}

/* True, with a message: the typed word is a process's name, or it is event.pfn
 * and the event caught is about no frame. */
static bool is_no_frame(struct answer *a, const char *p, const char *verb)
{
    struct ins_event e = inspect_caught(a->s->m);
    size_t n = strcspn(p, " \t");
    u64 pid;
    if (!strncmp(p, "event.pfn", 9) && e.reason && e.pfn == LENS_NO_PFN)
        return fail(a, CMD_BAD,
                    "%s: the event (%s) is about no frame (print event.pid, "
                    "info ps, info events)",
                    verb, inspect_reason_word(e.reason));
    if (process_named(a->s, p, n, &pid))
        return fail(a, CMD_BAD,
                    "%s: %.*s is a process: info frames pid %llu lists its "
                    "frames, pmap %llu its memory",
                    verb, (int)n, p, pid, pid);
    return false;
}

bool args_frame(struct answer *a, const char **p, const char *verb, u64 *pfn)
{
    u64 n;
    args_frame_words(p);
    if (args_more(p) && is_no_frame(a, *p, verb))
        return false;
    if (!args_value(a, p, &n, "a frame number"))
        return false;
    *pfn = n;
    if (n < a->s->m->ram_bytes >> PAGE_SHIFT)
        return true;
    if (n - RAM_BASE >= a->s->m->ram_bytes)
        return no_frame(a, verb, n), false;
    *pfn = (n - RAM_BASE) >> PAGE_SHIFT;
    say(a, "(physical address 0x%llx is in frame %llu)\n", n, *pfn);
    return true;
}

enum command_status cmd_page(struct answer *a, const char *args)
{
    struct session *s = a->s;
    struct ins_frame f;
    u64 pfn;
    if (!args_frame(a, &args, "page", &pfn) || !args_end(a, args))
        return CMD_BAD;
    inspect_frame(s->m, pfn, &f);
    s->show.page_shown = true;
    s->show.page_pfn = pfn;
    json_open(&a->j, NULL, '{');
    page_json(s, &a->j, &f);
    page_text(a, &f);
    latest_events(a, &a->j, "events", (u32)pfn, 8);
    json_close(&a->j, '}');
    return finish_json(a);
}
