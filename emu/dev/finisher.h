/* SPDX-License-Identifier: MIT */
#pragma once

#include "dev/bus.h"

/* SiFive's test finisher, by which a guest turns the machine off or resets it
 * (QEMU's hw/misc/sifive_test.c). */
struct finisher {
    void *opaque;
    void (*off)(void *opaque, int status);
    void (*reset)(void *opaque);
};
bool finisher_read(void *finisher, u64 offset, unsigned bytes, u64 *value);
bool finisher_write(void *finisher, u64 offset, unsigned bytes, u64 value);
