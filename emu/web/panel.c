/* SPDX-License-Identifier: MIT */
/* The panel in a page: its pixels, and the page's keys and pointer. */
#include "panel/panel.h"

#include <stdio.h>

bool panel_available(char *why, size_t n)
{
    snprintf(why, n, "no display (node has none)");
    return false;
}

void panel_main(struct session *s, const struct config *c)
{
    (void)s, (void)c;
}

bool panel_screenshot(const struct ins_display *d, const struct config *c,
                      const char *path, char *err, size_t n)
{
    (void)d, (void)c, (void)path;
    snprintf(err, n, "a page keeps its picture itself");
    return false;
}
