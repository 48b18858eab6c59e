/* SPDX-License-Identifier: MIT */
/* Reads the flattened device tree. Checks all accesses against the sizes in
 * its header; a damaged part of a tree counts as absent. */
#include "arch/fdt.h"
#include "vm/page.h"

enum {
    FDT_MAGIC = 0xd00dfeed,
    BEGIN = 1,
    END = 2,
    PROP = 3,
    NOP = 4,
    STOP = 9,
    FDT_MOST = 1 << 30 /* bytes, so that offsets cannot wrap */
};

static const u8 *tree;
static u32 tree_size, structs, structs_size, strings, strings_size, rsvmap;

static u32 be32(const void *p)
{
    const u8 *b = p;
    return (u32)b[0] << 24 | (u32)b[1] << 16 | (u32)b[2] << 8 | b[3];
}

static u64 cells(const u8 *p, u32 n)
{
    u64 v = 0;
    for (; n--; p += 4)
        v = v << 32 | be32(p);
    return v;
}

void fdt_init(const void *va)
{
    const u8 *h = va;
    if (be32(h) != FDT_MAGIC)
        panic("no device tree at %p", va);
    tree = h;
    tree_size = be32(h + 4);
    structs = be32(h + 8);
    strings = be32(h + 12);
    rsvmap = be32(h + 16);
    strings_size = be32(h + 32);
    structs_size = be32(h + 36);
    if (structs > tree_size || structs_size > tree_size - structs ||
        strings > tree_size || strings_size > tree_size - strings ||
        tree_size > FDT_MOST || (strings_size && h[strings + strings_size - 1]))
        panic("device tree at %p is damaged", va);
}

u32 fdt_size(void)
{
    return tree_size;
}

u64 fdt_addr(void)
{
    return (u64)tree;
}

/* One token of the structure block. */
struct token {
    u32 kind, next; /* offset of the token after it */
    const char *name;
    const u8 *value;
    u32 len;
};

static struct token token_at(u32 off)
{
    struct token t = {.kind = STOP, .next = off};
    if (off >= structs_size || structs_size - off < 4) /* offset -1: no node */
        return t;
    const u8 *p = tree + structs + off;
    t.kind = be32(p);
    t.next = off + 4;
    if (t.kind == BEGIN) {
        t.name = (const char *)p + 4;
        u32 len = (u32)strnlen(t.name, structs_size - off - 4);
        if (len == structs_size - off - 4) /* the name is not terminated */
            return (struct token){.kind = STOP, .next = off};
        t.next += ALIGN_UP(len + 1, 4u);
    } else if (t.kind == PROP && structs_size - off >= 12) {
        t.len = be32(p + 4);
        u32 name = be32(p + 8);
        if (t.len > structs_size - off - 12 || name >= strings_size)
            return (struct token){.kind = STOP, .next = off};
        t.name = (const char *)tree + strings + name;
        t.value = p + 12;
        t.next = off + 12 + ALIGN_UP(t.len, 4u);
    } else if (t.kind != END && t.kind != NOP) {
        t.kind = STOP;
    }
    return t;
}

const char *fdt_name(int node)
{
    return token_at((u32)node).name;
}

const void *fdt_prop(int node, const char *name, u32 *len)
{
    struct token t = token_at((u32)node);
    if (t.kind != BEGIN)
        return NULL;
    for (t = token_at(t.next); t.kind == PROP || t.kind == NOP;
         t = token_at(t.next))
        if (t.kind == PROP && !strcmp(t.name, name)) {
            if (len)
                *len = t.len;
            return t.value;
        }
    return NULL;
}

const char *fdt_string(int node, const char *name)
{
    u32 len;
    const char *s = fdt_prop(node, name, &len);
    return s && len && s[len - 1] == '\0' ? s : NULL;
}

u64 fdt_u32(int node, const char *name, u64 otherwise)
{
    u32 len;
    const void *p = fdt_prop(node, name, &len);
    return p && len >= 4 ? be32(p) : otherwise;
}

/* Returns the next node in tree order, at any depth; -1 at the end. */
static int next_node(int node)
{
    struct token t =
        node < 0 ? (struct token){.kind = NOP, .next = 0} : token_at((u32)node);
    for (;;) {
        u32 off = t.next;
        t = token_at(off);
        if (t.kind == BEGIN)
            return (int)off;
        if (t.kind == STOP)
            return -1;
    }
}

static bool has_string(const char *list, u32 len, const char *s)
{
    for (u32 i = 0; i < len; i += (u32)strnlen(list + i, len - i) + 1)
        if (!strncmp(list + i, s, len - i))
            return true;
    return false;
}

int fdt_compatible(int after, const char *compatible)
{
    u32 len;
    for (int n = next_node(after); n >= 0; n = next_node(n)) {
        const char *list = fdt_prop(n, "compatible", &len);
        if (list && has_string(list, len, compatible))
            return n;
    }
    return -1;
}

/* Returns the first node from off on that has the same parent; -1: none. */
static int sibling_from(u32 off)
{
    for (;;) {
        struct token t = token_at(off);
        if (t.kind == BEGIN)
            return (int)off;
        if (t.kind == END || t.kind == STOP)
            return -1;
        off = t.next;
    }
}

int fdt_first_child(int node)
{
    struct token t = token_at((u32)node);
    return t.kind == BEGIN ? sibling_from(t.next) : -1;
}

int fdt_next_sibling(int node)
{
    int depth = 0;
    for (u32 off = (u32)node;;) {
        struct token t = token_at(off);
        depth += t.kind == BEGIN;
        depth -= t.kind == END;
        if (t.kind == STOP)
            return -1;
        off = t.next;
        if (depth == 0)
            return sibling_from(off);
    }
}

int fdt_path(const char *path)
{
    int node = next_node(-1);
    while (node >= 0 && *path == '/' && path[1]) {
        const char *part = path + 1, *end = strchr(part, '/');
        size_t n = end ? (size_t)(end - part) : strlen(part);
        for (node = fdt_first_child(node); node >= 0;
             node = fdt_next_sibling(node)) {
            const char *name = fdt_name(node);
            if (!strncmp(name, part, n) && (!name[n] || name[n] == '@'))
                break;
        }
        path = part + n;
    }
    return node;
}

#define MAX_DEPTH 16

static int parent_of(int node)
{
    int open[MAX_DEPTH], depth = 0;
    for (u32 off = 0;;) {
        struct token t = token_at(off);
        if (t.kind == BEGIN) {
            if ((int)off == node)
                return depth ? open[depth - 1] : -1;
            if (depth == MAX_DEPTH)
                return -1;
            open[depth++] = (int)off;
        }
        if (t.kind == STOP || (t.kind == END && depth-- == 0))
            return -1;
        off = t.next;
    }
}

bool fdt_reg(int node, int i, u64 *addr, u64 *size)
{
    u32 len;
    const u8 *p = fdt_prop(node, "reg", &len);
    int up = parent_of(node);
    u32 na = (u32)fdt_u32(up, "#address-cells", 2);
    u32 ns = (u32)fdt_u32(up, "#size-cells", 1);
    if (na > 2 || ns > 2) /* larger numbers are not supported */
        return false;
    u32 row = (na + ns) * 4;
    if (!p || !row || (u64)row * ((u64)i + 1) > len)
        return false;
    *addr = cells(p + (u32)i * row, na);
    if (size)
        *size = cells(p + (u32)i * row + na * 4, ns);
    return true;
}

bool fdt_pair(int node, const char *name, u64 *a, u64 *b)
{
    u32 len;
    const u8 *p = fdt_prop(node, name, &len);
    if (!p || len != 16)
        return false;
    *a = cells(p, 2);
    *b = cells(p + 8, 2);
    return true;
}

u32 fdt_irq(int node, int i)
{
    u32 len;
    const u8 *p = fdt_prop(node, "interrupts", &len);
    return p && 4u * ((u32)i + 1) <= len ? be32(p + 4 * i) : 0;
}

bool fdt_enabled(int node)
{
    const char *s = fdt_string(node, "status");
    return !s || !strcmp(s, "okay") || !strcmp(s, "ok");
}

bool fdt_memreserve(int i, u64 *addr, u64 *size)
{
    u64 off = rsvmap + 16ul * (u64)i;
    if (off + 16 > tree_size)
        return false;
    *addr = cells(tree + off, 2);
    *size = cells(tree + off + 8, 2);
    return *size != 0;
}

volatile void *fdt_map(u64 pa)
{
    return pa_va(pa);
}

const char *boot_args(void)
{
    const char *s = fdt_string(fdt_path("/chosen"), "bootargs");
    return s ? s : "";
}

bool boot_arg(const char *name, char *value, size_t n)
{
    size_t len = strlen(name);
    for (const char *p = boot_args(); *p;) {
        while (*p == ' ')
            p++;
        const char *end = strchr(p, ' ');
        bool last = !strncmp(p, "run=", 4); /* takes the rest of the line */
        size_t word = end && !last ? (size_t)(end - p) : strlen(p);
        if (!strncmp(p, name, len) && (word == len || p[len] == '=')) {
            size_t skip = word == len ? len : len + 1;
            strlcpy(value, p + skip, MIN(n, word - skip + 1));
            return true;
        }
        p += word;
    }
    return false;
}
