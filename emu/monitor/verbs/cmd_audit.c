/* SPDX-License-Identifier: MIT */
/* audit compares kernel tables and events; info buddy counts free blocks. */
#include "inspect/audit.h"
#include "inspect/frames.h"
#include "monitor/verbs/verbs.h"

enum command_status cmd_audit(struct answer *a, const char *args)
{
    struct session *s = a->s;
    struct ins_audit found;
    if (!args_end(a, args))
        return CMD_BAD;
    inspect_audit(s->m, &found);
    json_add(&a->j, "{ran:%hhd frames:%llu errors:%llu first:%s}", found.ran,
             found.checked, found.errors, found.first);
    finish_json(a);
    if (!found.ran)
        return fail(a, CMD_FAILED, "audit: %s",
                    machine_lens(s->m) && machine_lens(s->m)->open
                        ? "the kernel is changing its tables, and their sums "
                          "do not settle before it is done: run-until "
                          "lens.busy == 0, and ask again"
                        : "the kernel has opened no lens");
    if (found.errors)
        return fail(a, CMD_FAILED, "audit: %llu errors, first: %s",
                    found.errors, found.first);
    say(a, "%llu frames: states, references and events agree\n", found.checked);
    return CMD_OK;
}

enum command_status info_buddy(struct answer *a, const char *args)
{
    u64 blocks[INS_ORDERS];
    if (!args_end(a, args))
        return CMD_BAD;
    if (!inspect_buddy(a->s->m, blocks))
        return no_lens(a, "info buddy");
    json_open(&a->j, NULL, '[');
    for (unsigned i = 0; i < INS_ORDERS; i++) {
        json_u64(&a->j, NULL, blocks[i]);
        if (blocks[i] || i <= 10)
            say(a, "order %2u  %6llu blocks of %llu KiB\n", i, blocks[i],
                4ull << i);
    }
    json_close(&a->j, ']');
    return finish_json(a);
}
