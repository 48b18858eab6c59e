/* SPDX-License-Identifier: MIT */
/* Answers questions about a program from its debug information (DWARF 2 to 5,
 * read by libdw): lines, functions and inlined calls, how to find a calling
 * function's registers, global variables, types.
 *
 *   source.c  opening a program; the compilation unit of an address
 *   line.c    addresses to lines and back
 *   scope.c   functions, inlined calls, global variables by name
 *   type.c    the shape of a type, members, names
 *   show.c    a value as text
 *
 * These files do not know the machine: a callback reads memory. Addresses are
 * those of the ELF file; if the program is loaded at another address, the
 * caller converts. inspect/program/unwind.c finds stack frames; local variables
 * and stepping by lines are left to gdb. The file may be malformed, so walks of
 * entries are bounded, and libdw checks its input. Sections are read when used.
 *
 * entry: a debugging information entry (DIE) of DWARF. */
#pragma once

#include "base/base.h"

struct source;
/* Opens a program. NULL: no readable ELF file, or no debug information. */
struct source *source_open(const char *file);
/* As source_open, for n bytes of memory, which must outlive the source. */
struct source *source_open_memory(void *image, size_t n);
void source_close(struct source *s);
/* True if position-independent: a library, or a program for any address. */
bool source_moves(const struct source *s);

/* The entry of a type or a variable. die 0: `void`, or none. */
struct source_ref {
    struct source *of;
    u64 die;
};

/* ---- lines -------------------------------------------------------------- */

struct source_row {
    const char *file; /* the compiler's name for it */
    unsigned line;
    u64 start, end; /* code of this row: [start, end) */
    bool statement; /* a good place to stop */
};
/* Gets the row whose code contains pc; false: no line is known. */
bool source_row_at(struct source *s, u64 pc, struct source_row *row);

/* Finds the addresses at which the code of FILE:LINE begins. FILE is a name or
 * its last parts (fault.c, vm/fault.c). A line without code stands for the next
 * line with code. Returns the number of addresses (ascending, one for each
 * scope, at most SOURCE_PLACES), several if the line was inlined or copied.
 * *found: the row of the first address; for a body, of the function's entry. */
#define SOURCE_PLACES 32
unsigned source_places(struct source *s, const char *file, unsigned line,
                       u64 va[SOURCE_PLACES], struct source_row *found);
/* As source_places, but gives a function's entry point for its first line, as
 * the line table does; source_places gives the function's body. */
unsigned source_lines(struct source *s, const char *file, unsigned line,
                      u64 va[SOURCE_PLACES]);
/* Returns the full name of a compiled file, given its name or its last parts;
 * NULL: no such file. */
const char *source_file_named(struct source *s, const char *file);
/* Returns the folder in which the file was compiled; "": not known. */
const char *source_folder(struct source *s, const char *file);

/* ---- functions and scopes ----------------------------------------------- */

struct source_function {
    const char *name, *file;
    unsigned line;
    u64 entry; /* its first instruction */
    u64 body;  /* arguments can be read from this address on, which follows the
                * prologue; in optimised code it is the entry */
};
bool source_function(struct source *s, const char *name,
                     struct source_function *out);
/* Gets the function that contains pc; false: none. */
bool source_function_at(struct source *s, u64 pc, struct source_function *out);

/* Gets the scopes of pc, innermost first: inlined calls, then the function. */
#define SOURCE_SCOPES 16
struct source_scope {
    const char *function;
    u64 die;
    bool inlined;
    const char *call_file; /* inlined: the place of the call */
    unsigned call_line;
};
unsigned source_scopes(struct source *s, u64 pc,
                       struct source_scope out[SOURCE_SCOPES]);
struct source_variable {
    struct source_ref var, type;
};
/* Gets the global variable of that name in the compilation unit of pc; if it
 * has none, or pc is 0, the first one in any unit. */
bool source_variable(struct source *s, u64 pc, const char *name,
                     struct source_variable *out);
/* Gets the address of `var`. Returns NULL, or the reason why it has none, as
 * text to show in place of the value. */
const char *source_address(struct source_ref var, u64 *va);

/* Gets the program's call frame information from libdw: .debug_frame and
 * .eh_frame; each may be NULL. */
struct Dwarf_CFI_s;
void source_cfi(struct source *s, struct Dwarf_CFI_s *cfi[2]);

struct source_memory {
    bool (*read)(void *opaque, u64 va, void *to, size_t n);
    void *opaque;
};

/* ---- types -------------------------------------------------------------- */

enum source_kind {
    SOURCE_VOID,
    SOURCE_INT,
    SOURCE_CHAR,
    SOURCE_BOOL,
    SOURCE_FLOAT,
    SOURCE_ENUM,
    SOURCE_POINTER,
    SOURCE_STRUCT, /* or a union */
    SOURCE_ARRAY,
    SOURCE_FUNCTION,
    SOURCE_OTHER /* only its size is known */
};
struct source_shape {
    enum source_kind kind;
    u64 bytes; /* 0: not known (an incomplete type) */
    bool is_unsigned;
    struct source_ref to; /* a pointer's target; an array's elements */
    u64 count;            /* elements, of all dimensions together */
    unsigned dimensions;
};
/* Returns the shape of the type without its typedefs and qualifiers. */
struct source_shape source_shape(struct source_ref type);
struct source_member {
    struct source_ref type;
    u64 at;        /* offset in bytes */
    unsigned bits; /* width of a bit-field; 0: no bit-field */
    unsigned bit;  /* distance of its first bit from `at` */
};
/* Gets a member, also of an unnamed struct or union in the type. */
bool source_member(struct source_ref type, const char *name,
                   struct source_member *out);
/* Gets a type; what: "struct", "union", "enum", else a typedef or base type. */
bool source_type_named(struct source *s, const char *what, const char *name,
                       struct source_ref *out);
/* Writes a type in C's notation, "struct frame *"; returns buf. */
char *source_type_text(struct source_ref type, char *buf, size_t n);

/* Writes the value in bytes[0..n), of that type, to buf as gdb prints it. */
void source_show(struct source_ref type, const void *bytes, size_t n,
                 const struct source_memory *mem, char *buf, size_t size);
