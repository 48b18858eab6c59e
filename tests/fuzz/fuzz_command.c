/* SPDX-License-Identifier: MIT */
// rooms: base dwarf expr isa hart mmu time engine dev boot history machine inspect console show monitor linux xv6
// max_len: 400
/* Runs any text as lines of the command language, as the panel would queue
 * them, without save, load, source and screenshot, which name host files. */
#include "small_session.h"

#include <ctype.h>
#include <stdlib.h>

int LLVMFuzzerInitialize(UNUSED int *argc, UNUSED char ***argv)
{
    small_session(IN_PANEL);
    fuzz_quiet();
    return 0;
}

static bool harmless(const char *p)
{
    char err[120];
    size_t n;
    for (;;) {
        p += strspn(p, " \t\r\v\f");
        n = strcspn(p, " \t\r\v\f/#");
        const struct command *c = command_find(p, n, err, sizeof err);
        if (!c || strcmp(c->verb, "json"))
            return !c || (c->fn != cmd_save && c->fn != cmd_load &&
                          c->fn != cmd_source && c->fn != cmd_screenshot);
        p += n;
    }
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t n)
{
    char *text = xcalloc(n + 1, 1), *rest = text, *line;
    memcpy(text, data, n);
    while ((line = strsep(&rest, "\n"))) {
        if (!harmless(line))
            continue;
        session_command(s, line);
        s->run.slice =
            0; /* the shortest slice, independent of the host's clock */
        if (s->run.going)
            session_slice(s);
        s->run.going = s->quit = s->ended = false;
    }
    session_command(s, "delete");
    free(text);
    return 0;
}
