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
#include "monitor/session/claims.h"
#include "monitor/verbs/verbs.h"

#include <ctype.h>

#define TEXT 512

enum command_status cmd_title(struct session *s, const char *args)
{
    char text[TEXT], source[TEXT] = "";
    if (!args_string(s, &args, text, sizeof text, NULL) ||
        (args_more(&args) &&
         !args_string(s, &args, source, sizeof source, NULL)) ||
        !args_end(s, args))
        return CMD_BAD;
    claims_add(s, text, source, "")->is_title = true;
    publish_caption(s, text, LENS_NO_PFN, CAPTION_SECONDS);
    return CMD_OK;
}

static void claim_json(struct session *s, const struct claim *row)
{
    json_open(&s->j, NULL, '{');
    json_str(&s->j, row->verdict ? "claim" : "figure", row->text[0]);
    if (row->verdict)
        json_str(&s->j, "says", row->text[1]);
    json_str(&s->j, "measured", row->text[2]);
    if (row->verdict)
        json_bool(&s->j, "holds", row->verdict == HOLDS);
    json_close(&s->j, '}');
    finish_json(s);
}

/* Shows a new row as the panel's caption, and as a line unless a file runs
 * without -v. The caption begins with the verdict, since its end may be cut. */
static void tell_row(struct session *s, const struct claim *row)
{
    char line[3 * TEXT + 2048];
    if (row->verdict)
        snprintf(line, sizeof line,
                 "claim: %s: %s. The document says: %s. Measured: %s",
                 claims_verdict[row->verdict], row->text[0], row->text[1],
                 row->text[2]);
    else
        snprintf(line, sizeof line, "measured: %s: %s", row->text[0],
                 row->text[2]);
    publish_caption(s, line, LENS_NO_PFN, CAPTION_SECONDS);
    story_figures(s, row->text[2]);
    snprintf(line, sizeof line, "%s: %s%s%s", row->text[0], row->text[2],
             row->verdict ? ": " : "", claims_verdict[row->verdict]);
    if (s->json)
        claim_json(s, row);
    else if (!s->in_file || s->report_stops || s->config->verbose)
        say(s, "%s\n", line);
}

enum command_status cmd_claim(struct session *s, const char *args)
{
    char what[TEXT], says[TEXT], measured[2048];
    enum command_status st;
    u64 holds;
    args_more(&args);
    bool may_differ = !strncmp(args, "-n", 2) && isspace((u8)args[2]);
    if (may_differ)
        args += 2;
    if (!args_string(s, &args, what, sizeof what, NULL) ||
        !args_string(s, &args, says, sizeof says, NULL) ||
        !args_value(s, &args, &holds, "a condition"))
        return CMD_BAD;
    args_more(&args);
    if (*args == ',')
        args++;
    if ((st = args_printf(s, &args, measured, sizeof measured)) != CMD_OK)
        return st;
    if (!args_end(s, args))
        return CMD_BAD;
    struct claim *row = claims_add(s, what, says, measured);
    row->verdict = holds ? HOLDS : may_differ ? DIFFERS : FAILS;
    tell_row(s, row);
    return CMD_OK;
}

enum command_status cmd_figure(struct session *s, const char *args)
{
    char what[TEXT], measured[2048];
    enum command_status st;
    if (!args_string(s, &args, what, sizeof what, NULL))
        return CMD_BAD;
    if ((st = args_printf(s, &args, measured, sizeof measured)) != CMD_OK)
        return st;
    if (!args_end(s, args))
        return CMD_BAD;
    tell_row(s, claims_add(s, what, "", measured));
    return CMD_OK;
}

enum command_status cmd_report(struct session *s, const char *args)
{
    static const char *const keys[] = {"what", "says", "measured"};
    if (!args_end(s, args))
        return CMD_BAD;
    if (!s->json) {
        if (s->report)
            claims_show(s, s->report);
        return CMD_OK;
    }
    json_open(&s->j, NULL, '[');
    for (size_t i = 0; s->report && i < s->report->n; i++) {
        const struct claim *row = &s->report->rows[i];
        json_open(&s->j, NULL, '{');
        for (unsigned k = 0; k < ARRAY_LEN(keys) && !row->is_title; k++)
            json_str(&s->j, keys[k], row->text[k]);
        if (row->is_title)
            json_add(&s->j, "title:%s source:%s", row->text[0], row->text[1]);
        else
            json_str(&s->j, "verdict", claims_verdict[row->verdict]);
        json_close(&s->j, '}');
    }
    json_close(&s->j, ']');
    finish_json(s);
    return CMD_OK;
}
