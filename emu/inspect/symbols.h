/* SPDX-License-Identifier: MIT */
/* Symbols of the kernel or bare ELF; source lines and calls of all code. */
#pragma once

#include "inspect/answers.h"

bool inspect_symbol(struct machine *m, const char *name, u64 *addr);
/* Writes "name" or "name+0x1c"; false: no symbol is known for addr. */
bool inspect_symbol_at(struct machine *m, u64 addr, char *buf, size_t n);
/* Returns the i-th symbol's name, for completion; NULL at the end. */
const char *inspect_symbol_name(struct machine *m, size_t i);

/* ---- source level (source.c; emu/dwarf) ---- */
/* Opens the debug information of the kernel or bare ELF and of the guest's
 * programs. It is read when it is first asked for. */
struct ins_sources;
struct ins_sources *inspect_sources_open(struct machine *m);
void inspect_sources_close(struct ins_sources *s);
/* Finds the program in which va lies, as the hart translates now; false: no
 * program is known there. */
bool inspect_code_at(struct ins_sources *s, u64 va, struct ins_code *out);
/* Returns the debug information of the kernel or bare ELF; NULL: none. */
struct source *inspect_main_source(struct ins_sources *s);
/* Writes "name+0x1c", by symbols of the kernel or of the process's program. */
bool inspect_name_at(struct ins_sources *s, u64 va, char *buf, size_t n);
struct source_memory inspect_memory(struct ins_sources *s);
/* A call that has not returned; an inlined call counts as one. The next call in
 * the list is its caller. */
struct ins_call {
    u64 pc;
    bool inlined;
    bool trap;      /* a trap handler: the next call is the interrupted code */
    char where[80]; /* "name+0x1c"; "": not known */
    const char *function, *file; /* by DWARF; NULL: not known */
    unsigned line;
};
/* Lists the hart's calls, innermost first, at most max. */
unsigned inspect_calls(struct ins_sources *s, struct ins_call *out,
                       unsigned max);

/* Finds the addresses of FILE:LINE (source_places) in the first program that
 * has the line; returns their number. Programs are tried in this order: the
 * kernel or bare ELF; those that the process on the hart has mapped; those that
 * other processes have mapped; those whose symbols lie beside the kernel (the
 * addresses are then those of the ELF file). */
unsigned inspect_places(struct ins_sources *s, const char *file, unsigned line,
                        u64 va[SOURCE_PLACES], struct source_row *row,
                        struct ins_code *code);
/* Gives the bias at which the hart's process maps the program; false: none. */
bool inspect_program_bias(struct ins_sources *s, const struct source *program,
                          u64 *bias);
/* Returns the host's file with the symbols of the program that the process on
 * the hart executes, and that program's bias; NULL: none. */
const char *inspect_program_file(struct ins_sources *s, u64 *bias);
/* Finds the addresses of FILE:LINE in one program, as source_lines does. */
unsigned inspect_lines(const struct ins_code *code, const char *file,
                       unsigned line, u64 va[SOURCE_PLACES]);
/* These find a function or a source file in the programs of inspect_places. */
bool inspect_function(struct ins_sources *s, const char *name,
                      struct source_function *out, struct ins_code *code);
const char *inspect_source_file(struct ins_sources *s, const char *name,
                                struct ins_code *code);

/* Lists the hart's pc, then its callers' pcs as far as they are found, at most
 * max in all. Returns their number. */
unsigned inspect_backtrace(struct ins_sources *s, u64 *pc, unsigned max);
/* As inspect_backtrace, for the kernel at pc `at` with registers x. */
unsigned inspect_backtrace_from(struct ins_sources *s, const u64 x[32], u64 at,
                                u64 *pc, unsigned max);
