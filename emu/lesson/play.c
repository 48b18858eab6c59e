/* SPDX-License-Identifier: MIT */
#include "lesson/internal.h"

enum command_status lesson_play(struct teacher *t)
{
    return lesson_solve(t);
}
