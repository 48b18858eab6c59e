/* SPDX-License-Identifier: MIT */
#pragma once

#include "vm/page.h"

enum cache_class {
#define CLASS(id, name, what) CACHE_##id,
#include "vm/census.def"
    CACHE_CLASSES
};

extern const char *const cache_class_name[CACHE_CLASSES];

/* Counts the frames of the cache by class; scans the whole frame table. */
void cache_census(u64 n[CACHE_CLASSES]);
