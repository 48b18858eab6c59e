/* SPDX-License-Identifier: MIT */
/* Renders glyphs with FreeType; see font.h. Light hinting fits outlines to
 * whole pixels in height only, so that letters are sharp and keep their shapes.
 * Advances are whole pixels. */
#include "panel/draw/font.h"

#include "base/embed.h"

#include <ft2build.h>
#include FT_FREETYPE_H
#include <stdlib.h>

/* The faces' files; FONT_DIR comes from panel.mk. */
EMBED(face_sans, FONT_DIR "/DejaVuSans.ttf");
EMBED(face_bold, FONT_DIR "/DejaVuSans-Bold.ttf");
EMBED(face_mono, FONT_DIR "/DejaVuSansMono.ttf");

struct fonts {
    FT_Library ft;
    FT_Face face[FACES];
    struct font *first;
    bool cells;
};

struct fonts *fonts_new(void)
{
    return xcalloc(1, sizeof(struct fonts));
}

void fonts_in_cells(struct fonts *f)
{
    f->cells = true;
}

static void font_free(struct font *f)
{
    for (unsigned i = 0; i < ARRAY_LEN(f->page); i++) {
        for (unsigned k = 0; f->page[i] && k < 256; k++)
            free((void *)f->page[i][k].grey);
        free(f->page[i]);
    }
    free(f);
}

void fonts_free(struct fonts *f)
{
    for (struct font *it = f->first, *next; it; it = next) {
        next = it->next;
        font_free(it);
    }
    if (f->ft)
        FT_Done_FreeType(f->ft); /* frees its faces, too */
    free(f);
}

/* Opens an embedded face. An error means that this program is broken. */
static FT_Face face_open(struct fonts *f, enum face face)
{
    static const struct {
        const u8 *from, *to;
    } file[FACES] = {
        [FACE_SANS] = {face_sans, face_sans_end},
        [FACE_BOLD] = {face_bold, face_bold_end},
        [FACE_MONO] = {face_mono, face_mono_end},
    };
    if (!f->ft && FT_Init_FreeType(&f->ft))
        assert(!"FreeType does not start");
    if (!f->face[face] &&
        FT_New_Memory_Face(f->ft, file[face].from,
                           (FT_Long)(file[face].to - file[face].from), 0,
                           &f->face[face]))
        assert(!"FreeType refuses a face");
    return f->face[face];
}

static FT_Face face_sized(const struct font *f)
{
    FT_Face t = face_open(f->all, f->face);
    if (FT_Set_Pixel_Sizes(t, 0, (FT_UInt)f->px))
        assert(!"FreeType refuses a size");
    return t;
}

static void rasterise(const struct font *f, unsigned code, struct glyph *g)
{
    g->known = true;
    if (f->px == 1) {
        g->advance = 1;
        return;
    }
    FT_Face t = face_sized(f);
    FT_UInt index = FT_Get_Char_Index(t, code);
    if (!index)
        index = FT_Get_Char_Index(t, '?');
    if (FT_Load_Glyph(t, index, FT_LOAD_RENDER | FT_LOAD_TARGET_LIGHT))
        return;
    const FT_GlyphSlot s = t->glyph;
    g->left = (s16)s->bitmap_left;
    g->top = (s16)s->bitmap_top;
    g->w = (s16)s->bitmap.width;
    g->h = (s16)s->bitmap.rows;
    g->advance = (s16)((s->advance.x + 32) >> 6);
    u8 *grey = xcalloc((size_t)g->w * (size_t)g->h + 1, 1);
    for (int y = 0; y < g->h; y++)
        memcpy(grey + y * g->w, s->bitmap.buffer + y * s->bitmap.pitch,
               (size_t)g->w);
    g->grey = grey;
}

const struct glyph *font_glyph(struct font *f, unsigned code)
{
    if (code >= 0x10000)
        code = '?';
    struct glyph **page = &f->page[code >> 8];
    if (!*page)
        *page = xcalloc(256, sizeof **page);
    struct glyph *g = &(*page)[code & 255];
    if (!g->known)
        rasterise(f, code, g);
    return g;
}

struct font *fonts_get(struct fonts *f, enum face face, int px)
{
    px = f->cells ? 1 : px < 6 ? 6 : px > 200 ? 200 : px;
    for (struct font *it = f->first; it; it = it->next)
        if (it->face == face && it->px == px)
            return it;
    struct font *n = xcalloc(1, sizeof *n);
    *n = (struct font){.px = px, .all = f, .face = face, .next = f->first};
    f->first = n;
    if (f->cells) {
        n->height = 2;
        n->digit = 1;
        return n;
    }
    FT_Face t = face_sized(n);
    n->ascent = (int)((t->size->metrics.ascender + 32) >> 6);
    n->height = n->ascent + (int)((-t->size->metrics.descender + 32) >> 6);
    n->digit = font_glyph(n, '0')->advance;
    for (const char *deep = "_j|"; *deep; deep++) { /* may reach lower */
        const struct glyph *g = font_glyph(n, (u8)*deep);
        if (n->height < n->ascent + g->h - g->top)
            n->height = n->ascent + g->h - g->top;
    }
    return n;
}

/* Decodes a code point of up to three bytes; any other byte counts as '?'. */
unsigned utf8_next(const char **s)
{
    const u8 *p = (const u8 *)*s;
    unsigned c = p[0], n = c < 0x80       ? 0
                           : c >> 5 == 6  ? 1
                           : c >> 4 == 14 ? 2
                                          : 9;
    if (n == 9) {
        *s += 1;
        return '?';
    }
    if (n)
        c &= n == 1 ? 31 : 15;
    for (unsigned i = 1; i <= n; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            *s += 1;
            return '?';
        }
        c = c << 6 | (p[i] & 63);
    }
    *s += n + 1;
    return c;
}

size_t utf8_put(char *to, u32 code)
{
    size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : 3;
    static const u8 first[] = {0, 0, 0xc0, 0xe0};
    for (size_t i = n; i-- > 1; code >>= 6)
        to[i] = (char)(0x80 | (code & 63));
    to[0] = (char)(first[n] | code);
    return n;
}

int font_width(struct font *f, const char *utf8)
{
    int w = 0;
    while (*utf8)
        w += font_glyph(f, utf8_next(&utf8))->advance;
    return w;
}
