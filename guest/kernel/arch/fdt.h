/* SPDX-License-Identifier: MIT */
/* A small reader of the flattened device tree (devicetree.org v0.4, 5). A node
 * is identified by the offset of its FDT_BEGIN_NODE; -1: none. */
#pragma once

#include "lib/kernel.h"

/* va: the mapped tree. Panics if there is no tree. */
void fdt_init(const void *va);
u32 fdt_size(void);
u64 fdt_addr(void); /* its virtual address */

/* Next node after `after` (-1: from the start) in tree order that has the
 * string among its "compatible"; -1 at the end. */
int fdt_compatible(int after, const char *compatible);
int fdt_path(const char *path); /* "/chosen"; unit addresses may be left out */
int fdt_first_child(int node);
int fdt_next_sibling(int node);
const char *fdt_name(int node);

/* Raw property, NULL if absent; *len in bytes. */
const void *fdt_prop(int node, const char *name, u32 *len);
const char *fdt_string(int node, const char *name); /* NULL if absent */
u64 fdt_u32(int node, const char *name, u64 otherwise);
/* The i-th (address, size) of "reg", by the parent's #address-cells and
 * #size-cells. */
bool fdt_reg(int node, int i, u64 *addr, u64 *size);
/* A property of two 64-bit numbers; false if absent. */
bool fdt_pair(int node, const char *name, u64 *a, u64 *b);
/* i-th cell of "interrupts", 0 if absent (single-cell controllers). */
u32 fdt_irq(int node, int i);
/* False if the node is disabled ("status"). */
bool fdt_enabled(int node);
/* i-th memory reservation of the header's block. */
bool fdt_memreserve(int i, u64 *addr, u64 *size);

/* Returns the direct-map address of a device's registers. */
volatile void *fdt_map(u64 pa);

const char *boot_args(void); /* /chosen/bootargs, "" if none */
/* Copies the value of "name=" in bootargs; false if absent. run= takes the rest
 * of the line. A word without "=" has the value "". */
bool boot_arg(const char *name, char *value, size_t n);
