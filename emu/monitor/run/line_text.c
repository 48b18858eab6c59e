/* SPDX-License-Identifier: MIT */
/* Reads the text of a source line from the file that the compiler named. */
#include "monitor/run/run.h"

#include <limits.h>
#include <stdlib.h>

/* Opens a source file. Its name in the debug information may be relative to the
 * current folder, the folder of compilation, the ELF file's folder, or one of
 * the three folders above that one. NULL: no such file can be read. */
FILE *line_file_open(struct session *s, const struct ins_code *code,
                     const char *name)
{
    const char *elf = s->m->symbols_file ? s->m->symbols_file : "";
    const char *folder = source_folder(code->source, name);
    char path[PATH_MAX];
    FILE *f = fopen(name, "r");

    if (f || *name == '/')
        return f;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if ((f = fopen(path, "r")))
        return f;
    snprintf(path, sizeof path, "%s", elf);
    for (unsigned up = 0; !f && up < 4; up++) {
        char *slash = strrchr(path, '/');
        if (slash)
            *slash = 0;
        size_t n = slash ? strlen(path) : 0;
        snprintf(path + n, sizeof path - n, "%s%s", n ? "/" : "", name);
        f = fopen(path, "r");
        path[n] = 0;
        if (!slash)
            break;
    }
    return f;
}

/* Reads the next line, without its end; false: there is none. */
bool line_file_next(FILE *f, char **line, size_t *room)
{
    ssize_t n = getline(line, room, f);

    if (n < 0)
        return false;
    if (n && (*line)[n - 1] == '\n')
        (*line)[n - 1] = 0;
    return true;
}

const char *file_part(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash ? slash + 1 : name;
}

void line_text(struct session *s, const struct ins_code *code,
               const struct source_row *row, char *buf, size_t n)
{
    FILE *f = line_file_open(s, code, row->file);
    char *line = NULL;
    size_t room = 0,
           at = append(buf, n, 0, "%s:%u", file_part(row->file), row->line);
    bool any = f;

    for (unsigned i = 0; any && i < row->line; i++)
        any = line_file_next(f, &line, &room);
    if (any)
        append(buf, n, at, "\t%.160s", line);
    free(line);
    if (f)
        fclose(f);
}

bool session_line(struct session *s, char *buf, size_t n)
{
    struct source_row row;
    struct ins_code code;

    if (!line_here(s, &code, &row))
        return false;
    line_text(s, &code, &row, buf, n);
    return true;
}
