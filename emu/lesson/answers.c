/* SPDX-License-Identifier: MIT */
/* Compares a learner's answer with the machine's. */
#include "lesson/internal.h"

#include "base/word.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>

/* The least tolerance of a prediction in percent, if the lesson's number is a
 * measurement (within N). A number without a tolerance is a count, for which
 * the answer must be exact; an exercise has its own tolerance only. */
#define PREDICTION_PERCENT 10

static double least(const struct question *q)
{
    return q->options ? 0 : PREDICTION_PERCENT;
}

bool answer_near(double a, double b, double within, bool percent)
{
    return fabs(a - b) <= (percent ? fabs(b) * within / 100 : within) + 1e-9;
}

bool answer_right(const struct question *q, const char *given)
{
    const struct lesson_answer *a = q->answer;
    double said;
    given += strspn(given, " \t");
    if (a->letter)
        return answer_is(given, (char[]){a->letter, 0});
    if (!text_number(given, &said))
        return false;
    return answer_near(said, q->right, a->within, a->percent) ||
           (a->within > 0 && answer_near(said, q->right, least(q), true));
}

char *answer_margin(const struct question *q, char *buf, size_t n)
{
    const struct lesson_answer *a = q->answer;
    double percent = fmax(a->percent ? a->within : 0, least(q));
    size_t at = append(buf, n, 0, "%s", a->within > 0 ? "" : "0");
    if (a->within > 0 && !a->percent)
        at = append(buf, n, at, "%g%s", a->within, percent > 0 ? " or " : "");
    if (a->within > 0 && percent > 0)
        append(buf, n, at, "%g %%", percent);
    return buf;
}

char *answer_text(const struct question *q, char *buf, size_t n)
{
    if (!q->answer->letter)
        return number_text(q->is, buf, n);
    snprintf(buf, n, "%c", q->answer->letter);
    return buf;
}

bool answer_is(const char *text, const char *choices)
{
    double number;
    if (!*choices)
        return text_number(text, &number);
    return *text && strchr(choices, tolower((u8)*text)) &&
           !text[1 + strspn(text + 1, " \t.)")];
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
