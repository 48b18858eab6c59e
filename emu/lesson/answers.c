/* SPDX-License-Identifier: MIT */
/* Compares a learner's answer with the machine's. */
#include "lesson/internal.h"

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

char *result_text(const struct result *r, char *buf, size_t n)
{
    if (!r->letter)
        return text_of_number(r->right, buf, n);
    snprintf(buf, n, "%c", r->letter);
    return buf;
}
