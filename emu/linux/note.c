/* SPDX-License-Identifier: MIT */
/* Reads VMCOREINFO, a page of lines KEY=VALUE that the kernel writes for
 * readers of its dumps (Linux 6.12, kernel/vmcore_info.c and
 * arch/riscv/kernel/vmcore_info.c). */
#include "linux/internal.h"

#include <stdlib.h>

#define FIRST "OSRELEASE="

bool lx_note_find(const struct kernel_ram *ram, u64 *from,
                  char note[NOTE_BYTES])
{
    for (u64 at = *from - ram->base; at < ram->n && ram->n - at >= NOTE_BYTES;
         at += NOTE_BYTES) {
        const char *p = (const char *)ram->bytes + at;
        if (memcmp(p, FIRST, sizeof FIRST - 1) || !memchr(p, 0, NOTE_BYTES) ||
            !strstr(p, "\nBUILD-ID=") ||
            !strstr(p, "\nSYMBOL(kallsyms_names)="))
            continue;
        memcpy(note, p, NOTE_BYTES);
        *from = ram->base + at;
        return true;
    }
    return false;
}

bool linux_described(const struct kernel_ram *ram, u64 from, u64 n)
{
    struct kernel_ram part = *ram;
    char note[NOTE_BYTES];
    if (from < ram->base || from - ram->base >= ram->n)
        return false;
    if (n < ram->n - (from - ram->base))
        part.n = from - ram->base + n;
    return lx_note_find(&part, &from, note);
}

bool lx_note(const struct linux_kernel *k, const char *key, u64 *value)
{
    size_t n = strlen(key);
    for (const char *p = k->note; p && *p; p = strchr(p, '\n')) {
        char *end;
        p += *p == '\n';
        if (strncmp(p, key, n) || p[n] != '=')
            continue;
        *value = strtoull(p + n + 1, &end, *key == 'S' ? 16 : 0);
        return end > p + n + 1 && (*end == '\n' || !*end);
    }
    return false;
}
