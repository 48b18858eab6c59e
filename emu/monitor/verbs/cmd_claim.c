/* SPDX-License-Identifier: MIT */
/* The verbs of reports. `title` begins one, `claim` and `figure` add a row
 * each, and `report` or the end of the file prints the report's table:
 *
 *     what | what the document says | measured | holds, does NOT hold, differs
 *
 * A claim that does not hold makes the script's status 1 when it ends
 * (claims_end). With `claim -n` the script expects a difference: the row says
 * `differs`, and the status stays 0. `hear` (cmd_script.c) takes numbers from
 * the guest's output. */
#include "monitor/run/claims.h"
#include "monitor/verbs/verbs.h"

#include <ctype.h>

#define TEXT 512

enum command_status cmd_title(struct answer *a, const char *args)
{
    char text[TEXT], source[TEXT] = "";
    if (!args_string(a, &args, text, sizeof text, NULL) ||
        (args_more(&args) &&
         !args_string(a, &args, source, sizeof source, NULL)) ||
        !args_end(a, args))
        return CMD_BAD;
    claims_add(a->s, text, source, "")->is_title = true;
    publish_caption(&a->s->show, text, LENS_NO_PFN, CAPTION_SECONDS);
    return CMD_OK;
}

static void claim_json(struct answer *a, const struct claim *row)
{
    json_open(&a->j, NULL, '{');
    json_str(&a->j, row->verdict ? "claim" : "figure", row->text[0]);
    if (row->verdict)
        json_str(&a->j, "says", row->text[1]);
    json_str(&a->j, "measured", row->text[2]);
    if (row->verdict)
        json_bool(&a->j, "holds", row->verdict == HOLDS);
    json_close(&a->j, '}');
    finish_json(a);
}

/* Shows a new row as the panel's caption, and as a line unless a file runs
 * without -v. The caption begins with the verdict, since its end may be cut. */
static void tell_row(struct answer *a, const struct claim *row)
{
    struct session *s = a->s;
    char line[3 * TEXT + 2048];
    if (row->verdict)
        snprintf(line, sizeof line,
                 "claim: %s: %s. The document says: %s. Measured: %s",
                 claims_verdict[row->verdict], row->text[0], row->text[1],
                 row->text[2]);
    else
        snprintf(line, sizeof line, "measured: %s: %s", row->text[0],
                 row->text[2]);
    publish_caption(&s->show, line, LENS_NO_PFN, CAPTION_SECONDS);
    cards_figures(&s->show, row->text[2]);
    snprintf(line, sizeof line, "%s: %s%s%s", row->text[0], row->text[2],
             row->verdict ? ": " : "", claims_verdict[row->verdict]);
    if (a->json)
        claim_json(a, row);
    else if (!a->to->in_file || a->aloud || s->config->verbose)
        say(a, "%s\n", line);
}

enum command_status cmd_claim(struct answer *a, const char *args)
{
    char what[TEXT], says[TEXT], measured[2048];
    enum command_status st;
    u64 holds;
    args_more(&args);
    bool may_differ = !strncmp(args, "-n", 2) && isspace((u8)args[2]);
    if (may_differ)
        args += 2;
    if (!args_string(a, &args, what, sizeof what, NULL) ||
        !args_string(a, &args, says, sizeof says, NULL) ||
        !args_value(a, &args, &holds, "a condition"))
        return CMD_BAD;
    args_more(&args);
    if (*args == ',')
        args++;
    if ((st = args_printf(a, &args, measured, sizeof measured)) != CMD_OK)
        return st;
    if (!args_end(a, args))
        return CMD_BAD;
    struct claim *row = claims_add(a->s, what, says, measured);
    row->verdict = holds ? HOLDS : may_differ ? DIFFERS : FAILS;
    tell_row(a, row);
    return CMD_OK;
}

enum command_status cmd_figure(struct answer *a, const char *args)
{
    char what[TEXT], measured[2048];
    enum command_status st;
    if (!args_string(a, &args, what, sizeof what, NULL))
        return CMD_BAD;
    if ((st = args_printf(a, &args, measured, sizeof measured)) != CMD_OK)
        return st;
    if (!args_end(a, args))
        return CMD_BAD;
    tell_row(a, claims_add(a->s, what, "", measured));
    return CMD_OK;
}

enum command_status cmd_report(struct answer *a, const char *args)
{
    struct session *s = a->s;
    static const char *const keys[] = {"what", "says", "measured"};
    if (!args_end(a, args))
        return CMD_BAD;
    if (!a->json) {
        if (s->report)
            claims_show(a, s->report);
        return CMD_OK;
    }
    json_open(&a->j, NULL, '[');
    for (size_t i = 0; s->report && i < s->report->n; i++) {
        const struct claim *row = &s->report->rows[i];
        json_open(&a->j, NULL, '{');
        for (unsigned k = 0; k < ARRAY_LEN(keys) && !row->is_title; k++)
            json_str(&a->j, keys[k], row->text[k]);
        if (row->is_title)
            json_add(&a->j, "title:%s source:%s", row->text[0], row->text[1]);
        else
            json_str(&a->j, "verdict", claims_verdict[row->verdict]);
        json_close(&a->j, '}');
    }
    json_close(&a->j, ']');
    finish_json(a);
    return CMD_OK;
}
