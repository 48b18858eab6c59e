/* SPDX-License-Identifier: MIT */
/* Reports the stale use that stopped the machine: the cached entry, the table
 * now, the write that made the two differ, the missing fence. */
#include "inspect/stale.h"
#include "inspect/symbols.h"
#include "monitor/run/run.h"

void code_place(struct session *s, u64 pc, char *buf, size_t n)
{
    struct source_row row;
    struct ins_code code;
    char name[80];

    size_t at = append(buf, n, 0, "0x%llx", pc);
    if (inspect_name_at(s->sources, pc, name, sizeof name) ||
        inspect_symbol_at(s->m, pc, name, sizeof name))
        at = append(buf, n, at, " <%s>", name);
    if (inspect_code_at(s->sources, pc, &code) && code.source &&
        source_row_at(code.source, pc - code.bias, &row))
        append(buf, n, at, ", %s:%u", file_part(row.file), row.line);
}

void stale_writer(struct session *s, u64 pc, char *buf, size_t n)
{
    if (pc)
        code_place(s, pc, buf, n);
    else
        snprintf(buf, n, "a device (DMA), the walker or the monitor");
}

void stale_report(struct answer *a)
{
    const struct ins_stale_use *u = inspect_stale_caught(a->s->stale);
    const struct stale_source *from = &u->from;
    const struct stale_write *wrote = inspect_stale_write(u);
    char by[220], fence[60];

    stale_writer(a->s, wrote->pc, by, sizeof by);
    inspect_stale_fence(u, fence, sizeof fence);
    json_add(&a->j,
             "kind:%s sin:%hhd va:%#llx pid:%u pte:%#llx pte_pa:%#llx fence:%s",
             ins_stale_kinds[u->use.kind], u->sin, u->use.va, u->pid,
             u->use.pte, u->use.pte_pa, fence);
    if (wrote->cycle)
        json_add(&a->j,
                 "filled:%llu old_pte:%#llx wrote:%llu wrote_pa:%#llx "
                 "wrote_pc:%#llx writer:%s",
                 from->filled, from->pte, wrote->cycle, wrote->pa, wrote->pc,
                 by);
    if (u->use.kind == STALE_FREED)
        return;
    if (wrote->cycle)
        say(a,
            "  the entry: since cycle %llu, from the PTE 0x%llx at pa:0x%llx\n",
            from->filled, from->pte, from->pte_pa);
    else
        say(a, "  the entry: older than catch stale, so that the PTE's writer "
               "is not known\n");
    say(a, "  the table now: 0x%llx at pa:0x%llx\n", u->use.pte, u->use.pte_pa);
    if (wrote->cycle && from->moved)
        say(a, "  satp got another table by %s, %llu cycles before this use\n",
            by, u->cycle - wrote->cycle);
    else if (wrote->cycle)
        say(a, "  written (pa:0x%llx) by %s, %llu cycles before this use\n",
            wrote->pa, by, u->cycle - wrote->cycle);
    say(a, "  not flushed by: %s\n", fence);
    if (wrote->cycle)
        say(a, "goto %llu: before that write\n", wrote->cycle);
}
