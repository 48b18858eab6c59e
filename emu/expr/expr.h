/* SPDX-License-Identifier: MIT */
/* EXPR of the command language: C's integer expressions, with C's operators,
 * precedence, short circuits and ?:, over
 *
 *   123 0x7b 0b11 017 'c' 10ms    a number with ns us ms s is in cycles
 *   $a0 $x10 $pc $satp $priv      registers and CSRs (x signed, CSRs unsigned)
 *   cycle instret pgfault vm.free walker.cycles mark.NAME off exit_status
 *   walk.va walk.pte_pa walk.pte  the walk caught or done last (run/env.c)
 *   event.pfn event.va event.pid  the kernel's event caught last (event.from
 *   event.reason event.actor      and event.to are frame states)
 *   page.state page.refs page.pa  present values of the frame that the verb
 *                                 `page` showed last
 *   state.free reason.swap_in     the number of a state, reason or actor; after
 *   actor.pageout                 == or != the word alone will do, as in
 *                                 event.actor == pageout
 *   let.NAME                      the value of EXPR at `let NAME EXPR`
 *   page  p->refs  s.m  a[i].m    a global of the program's, by its debug
 *                                 information, as in C; local.off: the global
 *                                 `off`, which the monitor's own `off` hides
 *   main                          a symbol is its address
 *   u32[ADDR] s8[ADDR] u64[pa:X]  memory, virtual or physical (u32[va:X] is
 *                                 u32[X])
 *   *(int *)ADDR  *ADDR  ((u32 *)P)[2]   as in gdb; bare * reads a u64
 *   (u8)X  (struct frame *)X      casts to u8..u64, s8..s64, C's types, the
 *                                 program's integer types, and pointers
 *
 * Everything is computed in 64 bits; narrower memory is widened first (so only
 * u64, addresses, CSRs and numbers with u or from 2^63 on make an operation
 * unsigned). An expression is compiled once to stack code, as run-until may
 * evaluate it before every instruction. No jump goes back: the code ends. */
#pragma once

#include "base/base.h"
#include "dwarf/dwarf.h"

/* The error text for an unknown name. */
#define EXPR_NO_NAME "is no counter and no symbol"

/* find_register's id of $pc in the tests; the monitor's is MACHINE_PC. */
#define EXPR_PC 32

/* The caller's functions that know names and memory; tests have their own. */
struct expr_env {
    void *opaque;
    u64 clock_hz; /* for times */
    /* Returns a register's id, or -1. */
    int (*find_register)(void *opaque, const char *name);
    bool (*read_register)(void *opaque, int id, u64 *value, bool *is_signed);
    /* Gives a symbol's fixed address; false: no such symbol. */
    bool (*symbol)(void *opaque, const char *name, u64 *value);
    /* Gives a number by its name, such as a counter, a field of an event or a
     * walk, a tunable, a mark. False: it is unknown, or has no value now. */
    bool (*named_number)(void *opaque, const char *name, u64 *value);
    /* Returns why a name that named_number knows has no value now, or NULL.
     * Conditions on such a name can be compiled. absent itself may be NULL. */
    const char *(*absent)(void *opaque, const char *name);
    /* Returns why a name is unknown, or NULL. missing itself may be NULL. */
    const char *(*missing)(void *opaque, const char *name);
    bool (*memory)(void *opaque, bool physical, u64 addr, unsigned bytes,
                   u64 *value);
    /* For names in debug information; each may be NULL. variable gives the
     * global in scope at the breakpoint being set, else at the hart's pc. */
    bool (*variable)(void *opaque, const char *name,
                     struct source_variable *out);
    bool (*type)(void *opaque, const char *what, const char *name,
                 struct source_ref *out); /* source_type_named */
    /* part reads n bytes of a variable from byte `at` on; address gives its
     * address. Both return NULL, or why they cannot. */
    const char *(*part)(void *opaque, struct source_ref var, u64 at, void *to,
                        size_t n);
    const char *(*address)(void *opaque, struct source_ref var, u64 *va);
};

struct expr;
struct expr_value {
    u64 bits;
    bool is_unsigned;
};
/* For messages of assert: the two sides of the topmost comparison. */
struct expr_sides {
    bool valid;
    u64 left, right;
};

/* Compiles the expression at *text and moves *text to its end. NULL: err (size
 * n) says why. */
struct expr *expr_compile(const struct expr_env *env, const char **text,
                          char *err, size_t n);
void expr_free(struct expr *e);
/* False: err says why (no memory there, division by 0). sides may be NULL. */
bool expr_eval(const struct expr *e, const struct expr_env *env,
               struct expr_value *out, struct expr_sides *sides, char *err,
               size_t n);

/* expr_place gives the place in memory that e names. False: err says why. */
struct expr_place {
    u64 addr;
    unsigned bytes;
    bool physical;
};
bool expr_place(const struct expr *e, const struct expr_env *env,
                struct expr_place *out, char *err, size_t n);

/* Returns the program's own type of the value; die 0: it has none. expr_bytes
 * copies n bytes of the value, even a struct; a number always fills 8. */
struct source_ref expr_type(const struct expr *e);
bool expr_bytes(const struct expr *e, const struct expr_env *env, void *to,
                size_t n, char *err, size_t size);

/* Recognises `cycle >= N` and `instret >= N`, which run-until need not test
 * before each instruction, and sets *n to N (for >: to N + 1). */
enum expr_shape { SHAPE_OTHER, SHAPE_CYCLE, SHAPE_INSTRET };
enum expr_shape expr_shape(const struct expr *e, u64 *n);
