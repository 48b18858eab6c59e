/* SPDX-License-Identifier: MIT */
/* audit compares kernel tables and events; info buddy counts free blocks. */
#include "inspect/audit.h"
#include "inspect/frames.h"
#include "monitor/verbs/verbs.h"

enum command_status cmd_audit(struct session *s, const char *args)
{
    struct ins_audit a;
    if (!args_end(s, args))
        return CMD_BAD;
    inspect_audit(s->m, &a);
    json_add(&s->j, "{ran:%hhd frames:%llu errors:%llu first:%s}", a.ran,
             a.checked, a.errors, a.first);
    finish_json(s);
    if (!a.ran)
        return fail(s, CMD_FAILED, "audit: %s",
                    machine_lens(s->m) && machine_lens(s->m)->open
                        ? "the kernel is changing its tables, and their sums "
                          "do not settle before it is done: run-until "
                          "lens.busy == 0, and ask again"
                        : "the kernel has opened no lens");
    if (a.errors)
        return fail(s, CMD_FAILED, "audit: %llu errors, first: %s", a.errors,
                    a.first);
    say(s, "%llu frames: states, references and events agree\n", a.checked);
    return CMD_OK;
}

enum command_status info_buddy(struct session *s, const char *args)
{
    u64 blocks[INS_ORDERS];
    if (!args_end(s, args))
        return CMD_BAD;
    if (!inspect_buddy(s->m, blocks))
        return no_lens(s, "info buddy");
    json_open(&s->j, NULL, '[');
    for (unsigned i = 0; i < INS_ORDERS; i++) {
        json_u64(&s->j, NULL, blocks[i]);
        if (blocks[i] || i <= 10)
            say(s, "order %2u  %6llu blocks of %llu KiB\n", i, blocks[i],
                4ull << i);
    }
    json_close(&s->j, ']');
    return finish_json(s);
}
