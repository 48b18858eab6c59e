/* SPDX-License-Identifier: MIT */
/* The translator turns blocks that are entered often into host code. That code
 * does exactly what the interpreter does, in the same order wherever it can be
 * observed. Instructions without code are executed by the interpreter's
 * functions. */
#ifndef CLOCKHAND_ENGINE_TRANSLATE_H
#define CLOCKHAND_ENGINE_TRANSLATE_H

#include "engine/exec.h"

/* NULL: engine_translates() says no. names: see engine_config.code_names. */
struct translator *translator_new(struct engine *e, u8 heat, FILE *names);
void translator_free(struct translator *t);
/* After all blocks were dropped. */
void translator_flush(struct engine *e);
/* Makes a new block's first record count entries, if there is a translator. */
void translate_watch(const struct engine *e, struct block *b);

const struct rec *translate_try(struct engine *e, const struct rec *r);
const struct rec *translate_run(struct engine *e, const struct rec *r);

#endif
