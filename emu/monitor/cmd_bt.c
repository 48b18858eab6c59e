/* SPDX-License-Identifier: MIT */
/* bt: the functions that the hart is in, by the kernel's (or bare program's)
 * own call frame information. */
#include "monitor/session.h"

#define DEPTH 40

enum command_status cmd_bt(struct session *s, const char *args)
{
    struct json j = {0};
    u64 pc[DEPTH];
    char where[80];
    if (!args_end(s, args))
        return CMD_BAD;
    unsigned n = inspect_backtrace(s->m, pc, DEPTH);
    json_open(&j, NULL, '[');
    for (unsigned i = 0; i < n; i++) {
        /* The call, not the instruction behind it, which may be the next
         * function's. */
        bool known =
            inspect_symbol_at(s->m, i ? pc[i] - 1 : pc[i], where, sizeof where);
        json_open(&j, NULL, '{');
        json_hex(&j, "pc", pc[i]);
        json_str(&j, "where", known ? where : "");
        json_close(&j, '}');
        if (!s->json)
            say(s, "#%-2u 0x%016llx  %s\n", i, (unsigned long long)pc[i],
                known ? where : "(no symbol: a program, or the firmware)");
    }
    json_close(&j, ']');
    return finish_json(s, &j);
}
