/* SPDX-License-Identifier: MIT */
/* The values behind the sliders of the policy pane: number 0 is the pace, the
 * others are the kernel's tunables in the order of ins_display.tunable. */
#pragma once

#include "panel/input/keys.h"
#include "panel/tabs/slider.h"

unsigned knobs(const struct ins_display *d); /* how many */
const char *knob_name(const struct ins_display *d, unsigned i);
struct scale knob_scale(const struct ins_display *d, unsigned i); /* w is 0 */
s64 knob_value(const struct ins_display *d, unsigned i);
/* These return a value in words. knob_text_in_force adds the value in force if
 * it differs: 0 leaves the choice to the kernel, and the kernel may limit a
 * value or not have read it yet. */
const char *knob_text(const struct ins_display *d, unsigned i, s64 v);
const char *knob_text_in_force(const struct ins_display *d, unsigned i, s64 v,
                               bool brief);
/* True if the name can be in a command. A guest may choose any names. */
bool knob_plain_name(const char *name);
/* Sets a value by one command; does nothing if the value stays the same. */
void knob_set(struct controls *c, unsigned i, s64 to);
