/* SPDX-License-Identifier: MIT */
/* What the compiler wrote down about a program (DWARF 3 to 5, read by libdw):
 * lines, functions and what was inlined into them, how to find the caller's
 * registers, where variables are, what types look like.
 *
 *   source.c  opening a program; the compilation unit of an address
 *   line.c    addresses to lines and back
 *   scope.c   functions, inlined calls, variables by name
 *   frame.c   the caller's registers, by call frame information
 *   entry.c   what a register held when the function was called
 *   value.c   location expressions: a variable's bytes, or why there are none
 *   type.c    the shape of a type, members, names
 *   show.c    a value as text
 *
 * Nothing here knows of the machine: registers are given, memory is read by a
 * callback. Addresses are those of the ELF file; a program loaded elsewhere is
 * its caller's business. The file may be anything: all walks over entries are
 * bounded, libdw checks what it reads. A value that cannot be told is never
 * guessed: the answer is a sentence. Sections are read at first use. */
#ifndef CLOCKHAND_SOURCE_H
#define CLOCKHAND_SOURCE_H

#include "base/base.h"

struct source;
/* NULL: no ELF file, or no debug information in it. */
struct source *source_open(const char *file);
/* The same of n bytes, which must stay as long as the source does. */
struct source *source_open_memory(void *image, size_t n);
void source_close(struct source *s);
/* Position-independent: a library, or a program that may lie anywhere. */
bool source_moves(const struct source *s);

/* A type or a variable: its entry. die 0: `void`, or nothing. */
struct source_ref {
    struct source *of;
    u64 die;
};

/* ---- lines -------------------------------------------------------------- */

struct source_row {
    const char *file; /* as the compiler named it */
    unsigned line;
    u64 start, end; /* code of this row: [start, end) */
    bool statement; /* a good place to stop */
};
/* The row that has pc; false: none has (no line is known). */
bool source_row_at(struct source *s, u64 pc, struct source_row *row);

/* Where the code of FILE:LINE begins. FILE is a name or its last parts
 * (fault.c, vm/fault.c). A line without code stands for the next one that has
 * some. Returns how many addresses there are (at most max are written,
 * ascending, one a block of code): several where the line was inlined or
 * copied. *found is the row of the first. */
#define SOURCE_PLACES 32
unsigned source_places(struct source *s, const char *file, unsigned line,
                       u64 va[SOURCE_PLACES], struct source_row *found);
/* The same as the table has it: before a function's prologue, too. */
unsigned source_lines(struct source *s, const char *file, unsigned line,
                      u64 va[SOURCE_PLACES]);
/* A compiled file's full name, by its name or last parts; NULL: none. */
const char *source_file_named(struct source *s, const char *file);
/* The folder in which the file's compiler ran; "" if it is not told. */
const char *source_folder(struct source *s, const char *file);

/* ---- functions and scopes ----------------------------------------------- */

struct source_function {
    const char *name, *file;
    unsigned line;
    u64 entry; /* its first instruction */
    u64 body;  /* where its arguments can be read: behind the prologue, which
                * optimised code need not have executed for that */
    struct source_ref type; /* of what it returns */
};
bool source_function(struct source *s, const char *name,
                     struct source_function *out);
/* The one that pc is in. */
bool source_function_at(struct source *s, u64 pc, struct source_function *out);

/* The calls that pc is in, innermost first: those inlined, then the function
 * itself. */
#define SOURCE_SCOPES 16
struct source_scope {
    const char *function;
    u64 die;
    bool inlined;
    const char *call_file; /* inlined: where it was called */
    unsigned call_line;
};
unsigned source_scopes(struct source *s, u64 pc,
                       struct source_scope out[SOURCE_SCOPES]);
/* Is pc in that one? */
bool source_scope_has(struct source *s, u64 scope, u64 pc);

struct source_variable {
    const char *name;
    struct source_ref var, type;
    bool argument;
};
/* The variables of a scope that can be seen at pc: arguments first, then
 * locals, inner blocks' last. At most max. */
unsigned source_variables(struct source *s, u64 scope, u64 pc,
                          struct source_variable *out, unsigned max);
/* As a C compiler at pc would understand the name: the scope's (0: the
 * innermost one's), the file's, the program's. pc 0: only the last. */
bool source_variable(struct source *s, u64 pc, u64 scope, const char *name,
                     struct source_variable *out);
/* Only the scope's. */
bool source_local(struct source *s, u64 pc, u64 scope, const char *name,
                  struct source_variable *out);

/* ---- frames ------------------------------------------------------------- */

struct source_memory {
    bool (*read)(void *opaque, u64 va, void *to, size_t n);
    void *opaque;
    /* A CSR of the hart's as it is now; NULL: none is known. */
    bool (*csr)(void *opaque, unsigned number, u64 *value);
};
/* Registers as a function has them. DWARF's numbers (RISC-V psABI): 0-31 x,
 * 32-63 f. */
struct source_frame {
    u64 pc;
    u64 look; /* pc, or of a caller within its call instruction */
    u64 reg[64];
    u64 known;  /* 1 << number: others were not saved */
    u64 bias;   /* the program's data are at the ELF's addresses and this */
    bool inner; /* nothing was called from it: the hart is there, or was when it
                 * took a trap */
    bool trap;  /* of the code that a trap enters; its caller was interrupted */
};
/* The stack pointer before the function was called (canonical frame address);
 * false: not known. */
bool source_cfa(struct source *s, const struct source_frame *f,
                const struct source_memory *mem, u64 *cfa);
/* The frame that called f's, or that was interrupted; f->trap is set. False:
 * none is known. */
bool source_caller(struct source *s, struct source_frame *f,
                   const struct source_memory *mem, struct source_frame *out);

/* ---- values ------------------------------------------------------------- */

/* n bytes of a variable, from its byte `at` on. NULL: done; else why not, as
 * what would stand in its place: "optimized out". */
const char *source_read(struct source_ref var, const struct source_frame *f,
                        const struct source_memory *mem, u64 at, void *to,
                        size_t n);
/* Where it lies in memory; the same. */
const char *source_address(struct source_ref var, const struct source_frame *f,
                           const struct source_memory *mem, u64 *va);
/* Can the name be seen at pc? A global can everywhere. */
bool source_in_scope(struct source_ref var, u64 pc);

/* ---- types -------------------------------------------------------------- */

enum source_kind {
    SOURCE_VOID,
    SOURCE_INT,
    SOURCE_CHAR,
    SOURCE_BOOL,
    SOURCE_FLOAT,
    SOURCE_ENUM,
    SOURCE_POINTER,
    SOURCE_STRUCT, /* a union, too */
    SOURCE_ARRAY,
    SOURCE_FUNCTION,
    SOURCE_OTHER /* nothing is known but its size */
};
struct source_shape {
    enum source_kind kind;
    u64 bytes; /* 0: not known (an incomplete type) */
    bool is_unsigned;
    struct source_ref to; /* pointed at; an array's elements */
    u64 count;            /* of elements, of all dimensions together */
    unsigned dimensions;
};
/* Behind typedefs and qualifiers. */
struct source_shape source_shape(struct source_ref type);
struct source_member {
    struct source_ref type;
    u64 at;             /* byte */
    unsigned bits, bit; /* a bit-field: how many, from which bit of those at
                         * `at` on; 0: none */
};
/* Also one of a member without a name. */
bool source_member(struct source_ref type, const char *name,
                   struct source_member *out);
/* "struct", NAME; "union", "enum"; "" for a typedef or a base type. */
bool source_type_named(struct source *s, const char *what, const char *name,
                       struct source_ref *out);
/* "struct frame *"; returns buf. */
char *source_type_text(struct source_ref type, char *buf, size_t n);

/* n bytes of that type as C would write them, as gdb prints it. */
void source_show(struct source_ref type, const void *bytes, size_t n,
                 const struct source_memory *mem, char *buf, size_t size);

#endif
