/* SPDX-License-Identifier: MIT */
/* Compares a learner's answer with the machine's. */
#include "lesson/internal.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>

bool answer_near(double a, double b, double within, bool percent)
{
    return fabs(a - b) <= (percent ? fabs(b) * within / 100 : within) + 1e-9;
}

bool answer_right(const struct lesson_answer *a, const struct result *r,
                  const char *given, double least)
{
    double said;
    given += strspn(given, " \t");
    if (r->letter)
        return (given[0] | 0x20) == r->letter &&
               !given[1 + strspn(given + 1, " \t.)")];
    if (!text_number(given, &said))
        return false;
    return answer_near(said, r->right, a->within, a->percent) ||
           (a->within > 0 && answer_near(said, r->right, least, true));
}

char *answer_margin(const struct lesson_answer *a, double least, char *buf,
                    size_t n)
{
    double percent = a->percent ? a->within : 0;
    percent = percent > least ? percent : least;
    size_t at = append(buf, n, 0, "%s", a->within > 0 ? "" : "0");
    if (a->within > 0 && !a->percent)
        at = append(buf, n, at, "%g%s", a->within, percent > 0 ? " or " : "");
    if (a->within > 0 && percent > 0)
        append(buf, n, at, "%g %%", percent);
    return buf;
}

bool answer_is(const char *text, const char *choices)
{
    double number;
    if (!*choices)
        return text_number(text, &number);
    return *text && strchr(choices, tolower((u8)*text)) &&
           !text[1 + strspn(text + 1, ".)")];
}

bool answer_meant(char *line, const char *choices)
{
    char copy[400], *rest = copy, *word, *found = NULL;
    bool number = !*choices;
    if (strlen(line) >= sizeof copy)
        return false;
    strcpy(copy, line);
    while ((word = strsep(&rest, " \t;:?!%"))) {
        if (word_same(word, "or")) /* "b or c" is no answer yet */
            return false;
        bool is = answer_is(word, choices);
        if (is && found && number)
            return false;
        if (is || (!number && *word))
            found = is ? word : NULL;
    }
    if (!found)
        return false;
    memmove(line, line + (found - copy), strlen(found) + 1);
    line[strlen(found)] = 0;
    return true;
}

char *answer_expected(const char *choices, char *buf, size_t n)
{
    if (*choices)
        snprintf(buf, n, "a letter from a to %c", choices[strlen(choices) - 1]);
    else
        snprintf(buf, n, "a number, such as 5 or 0.3");
    return buf;
}

char *result_text(const struct result *r, char *buf, size_t n)
{
    if (!r->letter)
        return text_of_number(r->right, buf, n);
    snprintf(buf, n, "%c", r->letter);
    return buf;
}
