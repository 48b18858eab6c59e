/* SPDX-License-Identifier: MIT */
/* The translator turns blocks that are entered often into host code. This code
 * has exactly the interpreter's effects, in an order that no observer can tell
 * from that of the interpreter. The interpreter's functions execute
 * instructions that the translator has no code for. */
#pragma once

#include "engine/exec.h"

/* Returns NULL if !engine_translates(). names: engine_config.code_names. */
struct translator *translator_new(struct engine *e, u8 heat, FILE *names);
void translator_free(struct translator *t);
/* Call after all blocks were dropped. */
void translator_flush(struct engine *e);
/* Makes a new block count its entries (heat), if there is a translator. */
void translate_count_entries(const struct engine *e, struct block *b);

const struct rec *translate_try(struct engine *e, const struct rec *r);
const struct rec *translate_run(struct engine *e, const struct rec *r);
