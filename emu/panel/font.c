/* SPDX-License-Identifier: MIT */
/* The bitmap fonts: Terminus, converted by tools/pcf2c when building
 * (panel.mk), regular and bold in nine sizes. */
#include "panel/fb.h"

#include "terminus.inc"

const struct font font_regular[FONT_SIZES] = {
    ter12n_FONT, ter14n_FONT, ter16n_FONT, ter18n_FONT, ter20n_FONT,
    ter22n_FONT, ter24n_FONT, ter28n_FONT, ter32n_FONT,
};
const struct font font_bold[FONT_SIZES] = {
    ter12b_FONT, ter14b_FONT, ter16b_FONT, ter18b_FONT, ter20b_FONT,
    ter22b_FONT, ter24b_FONT, ter28b_FONT, ter32b_FONT,
};

const u16 *font_glyph(const struct font *f, unsigned code)
{
    if (code >= ' ' && code < 0x7f) /* the table begins with all of ASCII */
        return f->rows + (code - ' ') * f->height;
    for (unsigned i = 0x7f - ' '; i < f->count; i++)
        if (f->codes[i] == code)
            return f->rows + i * f->height;
    return f->rows + ('?' - ' ') * f->height;
}
