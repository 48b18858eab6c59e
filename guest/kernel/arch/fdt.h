/* SPDX-License-Identifier: MIT */
/* A small reader of the flattened device tree (devicetree.org v0.4, ch. 5). A
 * node is identified by the offset of its FDT_BEGIN_NODE; -1: none. */
#pragma once

#include "lib/kernel.h"

/* va: the mapped tree. Panics if none is there or its header is damaged. */
void fdt_init(const void *va);
u32 fdt_size(void);
u64 fdt_addr(void); /* its virtual address */

/* Returns the next node after `after` (-1: from the start) in tree order with
 * this string in "compatible"; -1: none. */
int fdt_compatible(int after, const char *compatible);
int fdt_path(const char *path); /* "/chosen"; unit addresses may be left out */
int fdt_first_child(int node);
int fdt_next_sibling(int node);
const char *fdt_name(int node);

/* Returns a property's bytes, NULL if absent; *len is their number. */
const void *fdt_prop(int node, const char *name, u32 *len);
const char *fdt_string(int node, const char *name); /* NULL if absent */
u64 fdt_u32(int node, const char *name, u64 otherwise);
/* Reads the i-th (address, size) of "reg", by the parent's #address-cells and
 * #size-cells; false if absent. size may be NULL. */
bool fdt_reg(int node, int i, u64 *addr, u64 *size);
/* Reads a property of two 64-bit numbers; false if absent. */
bool fdt_pair(int node, const char *name, u64 *a, u64 *b);
/* Returns the i-th cell of "interrupts", 0 if absent (single-cell only). */
u32 fdt_irq(int node, int i);
/* False if the node is disabled ("status"). */
bool fdt_enabled(int node);
/* Reads the i-th entry of the memory reservation block; false at its end. */
bool fdt_memreserve(int i, u64 *addr, u64 *size);

/* Returns the direct-map address of a device's registers. */
volatile void *fdt_map(u64 pa);

const char *boot_args(void); /* /chosen/bootargs, "" if none */
/* Copies the value of "name=" in bootargs; false if absent. run= takes the rest
 * of the line. A word without "=" has the value "". n: bytes of value. */
bool boot_arg(const char *name, char *value, size_t n);
