/* SPDX-License-Identifier: MIT */
/* Converts between sets of extensions and the strings that name them. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

#include "isa/isa.h"

const struct isa_ext isa_exts[EXT_COUNT] = {
#define EXT(id, name, class, on, implies, made_of, sentence)                   \
    [EXT_##id] = {name, class, on, implies, made_of, sentence},
#include "isa/exts.def"
};

#define GENERAL                                                                \
    (EXT_BIT(M) | EXT_BIT(A) | EXT_BIT(F) | EXT_BIT(D) | EXT_BIT(ZICSR) |      \
     EXT_BIT(ZIFENCEI))

u64 isa_closed(u64 exts)
{
    u64 before;
    exts |= EXT_BIT(I) | EXT_BIT(S);
    do {
        before = exts;
        for (unsigned i = 0; i < EXT_COUNT; i++) {
            u64 parts = isa_exts[i].made_of;
            if (parts && (exts & parts) == parts)
                exts |= 1ull << i;
            if (exts >> i & 1)
                exts |= isa_exts[i].implies;
        }
    } while (exts != before);
    return exts;
}

u64 isa_default(void)
{
    u64 exts = 0;
    for (unsigned i = 0; i < EXT_COUNT; i++)
        exts |= (u64)isa_exts[i].on << i;
    return isa_closed(exts);
}

/* ---- reading ------------------------------------------------------------ */

struct reader {
    const char *at;
    u64 exts;
    char *why;
    size_t n;
};

__attribute__((format(printf, 2, 3))) static bool fail(struct reader *r,
                                                       const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(r->why, r->n, fmt, ap);
    va_end(ap);
    return false;
}

static bool same_name(const char *name, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (name[i] != tolower((unsigned char)text[i]))
            return false;
    return !name[n];
}

/* Takes the extension named by n letters at r->at; false: there is none. */
static bool take(struct reader *r, size_t n)
{
    const char *name = r->at;
    r->at += n;
    for (unsigned i = 0; n && i < EXT_COUNT; i++)
        if (same_name(isa_exts[i].name, name, n)) {
            r->exts |= 1ull << i;
            return true;
        }
    if (n == 1 && tolower((unsigned char)*name) == 'e')
        return fail(r, "the base is i, not e");
    return fail(r, "no extension '%.*s' in this machine (--isa list)",
                n > 40 ? 40 : (int)n, name);
}

static bool take_base(struct reader *r)
{
    if (!same_name("rv64", r->at, strnlen(r->at, 4)))
        return fail(r, "begins with rv64i or rv64g, this machine's base");
    r->at += 4;
    char base = (char)tolower((unsigned char)*r->at);
    if (base != 'i' && base != 'g')
        return fail(r, "begins with rv64i or rv64g, this machine's base");
    if (base == 'g')
        r->exts |= GENERAL;
    r->at++;
    return true;
}

bool isa_parse(const char *text, u64 *exts, char *why, size_t n)
{
    struct reader r = {text, 0, why, n};
    if (!take_base(&r))
        return false;
    while (*r.at) {
        char c = (char)tolower((unsigned char)*r.at);
        bool name = c == 'z' || c == 's' || c == 'x';
        if (c == '_' && r.at[1] && r.at[1] != '_')
            r.at++;
        else if (!take(&r, name ? strcspn(r.at, "_") : 1))
            return false;
    }
    *exts = isa_closed(r.exts);
    return true;
}

/* ---- writing ------------------------------------------------------------ */

void isa_text(u64 exts, char buf[ISA_TEXT])
{
    size_t at = append(buf, ISA_TEXT, 0, "rv64");
    for (unsigned i = 0; i < EXT_COUNT; i++) {
        const char *name = isa_exts[i].name;
        if (!(exts >> i & 1) || !*name)
            continue;
        at = append(buf, ISA_TEXT, at, "%s%s", name[1] ? "_" : "", name);
        assert(at < ISA_TEXT - 1); /* nothing was cut off */
    }
}

u64 isa_misa(u64 exts)
{
    u64 misa = 2ull << 62 | 1ull << ('s' - 'a') | 1ull << ('u' - 'a');
    for (unsigned i = 0; i < EXT_COUNT; i++) {
        const char *name = isa_exts[i].name;
        if (exts >> i & 1 && *name && !name[1])
            misa |= (1ull << (*name & 31)) >> 1; /* a is bit 0 */
    }
    return misa;
}

static void list_class(const char *title, enum ext_class class)
{
    printf("%s\n", title);
    for (unsigned i = 0; i < EXT_COUNT; i++) {
        const struct isa_ext *x = &isa_exts[i];
        if (x->class != class)
            continue;
        printf("  %c %-12s %s", x->on ? '*' : ' ', x->name, x->sentence);
        bool any = false;
        for (unsigned k = 0; k < EXT_COUNT; k++)
            if (x->implies >> k & 1 && *isa_exts[k].name) {
                printf(" %s%s", any ? "" : "(with ", isa_exts[k].name);
                any = true;
            }
        printf("%s\n", any ? ")" : "");
    }
}

void isa_list(void)
{
    char text[ISA_TEXT];
    printf("rv64i, or rv64g for imafd_zicsr_zifencei; then letters, then names "
           "with _ between them.\nIf an extension is off, its instructions "
           "trap. * marks the default machine's.\n\n");
    list_class("The base, always there", EC_BASE);
    list_class("For every program", EC_HART);
    list_class("For the supervisor", EC_PAGING);
    isa_text(isa_default(), text);
    printf("\ndefault: %s\nA core named by --cpu has its own (--cpu list).\n",
           text);
}
