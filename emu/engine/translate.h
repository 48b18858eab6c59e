/* SPDX-License-Identifier: MIT */
/* The translator: blocks that are entered often become code for the host. It
 * does exactly what the interpreter does, in the same order wherever somebody
 * can look; what it has no code for it leaves to the interpreter's functions,
 * one by one. */
#ifndef CLOCKHAND_ENGINE_TRANSLATE_H
#define CLOCKHAND_ENGINE_TRANSLATE_H

#include "engine/exec.h"

/* NULL: engine_translates() says no. names: see engine_config.code_names. */
struct translator *translator_new(struct engine *e, u8 heat, FILE *names);
void translator_free(struct translator *t);
/* All blocks have gone. */
void translator_flush(struct engine *e);
/* A new block's first record counts entries, if there is a translator. */
void translate_watch(const struct engine *e, struct block *b);

/* Handlers of first records, see handlers.h. */
const struct rec *translate_try(struct engine *e, const struct rec *r);
const struct rec *translate_run(struct engine *e, const struct rec *r);

#endif
