/* SPDX-License-Identifier: MIT */
// rooms: panel inspect machine engine mmu hart isa dev time boot history base linux xv6 dwarf
/* Tests the panel in a terminal. Every line is as wide as the terminal in any
 * size, state and depth of colours, with the longest values, too. The bar and
 * the panes show their texts. test_panel_draw judges that no text is cut, and
 * none lies over another. */
#include "unit.h"

#include "../panel/longest.h"
#include "../panel/scene.h"
#include "inspect/words.h"
#include "panel/panes/help_rows.h"
#include "panel/term/term.h"

/* A screen's text as a terminal shows it; `looks` counts its colour sequences.
 * seen_of fails if a line is not exactly as wide as the terminal. */
struct seen {
    int rows, columns;
    char *text; /* '#' for what is not ASCII; valid until the next seen_of */
    unsigned looks;
};

static struct seen seen_of(const struct term_text *t, int columns, int rows,
                           bool plain)
{
    static char text[500 * 1201]; /* the largest of `sizes` */
    struct seen s = {rows, columns, text, 0};
    memset(text, 0, sizeof text);
    const char *p = t->text, *end = t->text + t->n;
    int row = 0, column = 0;
    while (p < end) {
        if (*p == '\033') {
            while (p < end && *p != 'm')
                p++;
            p++;
            s.looks++;
        } else if (*p == '\r' || *p == '\n') { /* raw mode needs both */
            assert_int_equal(*p == '\r', !plain);
            p += *p == '\r';
            assert_int_equal(*p++, '\n');
            assert_int_equal(column, columns);
            column = 0;
            row++;
        } else {
            assert_true(row < rows && column < columns);
            s.text[row * (columns + 1) + column++] =
                (unsigned char)*p < 0x80 ? *p : '#';
            assert_true((unsigned char)*p >= ' ');
            for (p++; p < end && (*p & 0xc0) == 0x80;)
                p++;
        }
    }
    assert_int_equal(row, rows - 1);
    assert_int_equal(column, columns);
    return s;
}

static const char *line_of(const struct seen *s, int row)
{
    return s->text + row * (s->columns + 1);
}

static bool shows(const struct seen *s, const char *text)
{
    for (int row = 0; row < s->rows; row++)
        if (strstr(line_of(s, row), text))
            return true;
    return false;
}

static struct seen render(struct scene *s, int columns, int rows,
                          enum term_depth depth)
{
    struct term_text t = {0};
    term_render(&t, s->d, s->v, columns, rows, depth);
    struct seen seen = seen_of(&t, columns, rows, depth == TERM_PLAIN);
    free(t.text);
    return seen;
}

static const int sizes[][2] = {{80, 24},   {100, 30},   {160, 50}, {81, 25},
                               {1200, 24}, {1200, 500}, {80, 200}};

TEST(every_state_fits)
{
    static const u64 frames[] = {1024, 4096, 5000, 1 << 20};
    for (unsigned f = 0; f < ARRAY_LEN(frames); f++) {
        SCENE(s, 640, 480, frames[f], f & 1);
        for (unsigned i = 0; i < ARRAY_LEN(sizes); i++)
            for (int depth = TERM_PLAIN; depth <= TERM_24BIT; depth++)
                for (int tab = TAB_FIRST; tab <= PANES; tab++) {
                    if (frames[f] > 5000 && tab != TAB_FIRST)
                        continue;
                    s.v->tab = tab < PANES ? (enum pane_id)tab : PANE_WALK;
                    s.v->whole_biography = tab == PANES;
                    s.v->scroll[s.v->tab] = 1000;
                    s.v->heat = i & 1;
                    struct seen seen = render(&s, sizes[i][0], sizes[i][1],
                                              (enum term_depth)depth);
                    if (depth == TERM_PLAIN)
                        assert_int_equal(seen.looks, 0);
                }
    }
}

/* The longest caption and names fit, up to 1,200 columns. */
TEST(the_longest_values_fit)
{
    SCENE(s, 640, 480, 4096, false);
    longest(s.d, true);
    memset(s.v->note, 'W', sizeof s.v->note - 1);
    for (unsigned i = 0; i < ARRAY_LEN(sizes); i++)
        for (int depth = TERM_PLAIN; depth <= TERM_24BIT; depth++)
            for (int tab = TAB_FIRST; tab < PANES; tab++)
                for (int typing = 0; typing < 4; typing++) {
                    s.v->tab = (enum pane_id)tab;
                    s.v->console = typing == 1;
                    s.v->finding = typing == 2;
                    s.v->help = typing == 3;
                    render(&s, sizes[i][0], sizes[i][1],
                           (enum term_depth)depth);
                }
}

TEST(too_small_says_so)
{
    SCENE(s, 640, 480, 4096, false);
    struct seen seen = render(&s, 40, 10, TERM_LETTERS);
    assert_true(shows(&seen, "the panel needs 80 x 24"));
    render(&s, 1, 1, TERM_24BIT);
}

TEST(the_smallest_has_the_hierarchy)
{
    SCENE(s, 640, 480, 4096, false);
    snprintf(s.d->caption, sizeof s.d->caption, "fork: sort made pid 20");
    s.v->pinned = NO_FRAME;
    s.d->nbiography = 0;
    struct seen seen = render(&s, 80, 24, TERM_PLAIN);
    const char *top = line_of(&seen, 0);
    assert_non_null(strstr(top, s.d->mode));
    assert_non_null(strstr(top, "free "));
    assert_non_null(strstr(top, " below low "));
    assert_true(shows(&seen, " tables "));
    assert_true(shows(&seen, " sort "));
    assert_true(shows(&seen, "e Event  W  T"));
    assert_true(shows(&seen, "No event of a frame"));
    assert_non_null(strstr(line_of(&seen, 1), " fork"));
    assert_true(shows(&seen, " sort made pid 20"));
    assert_non_null(strstr(line_of(&seen, 23), "Enter"));
    s.d->silent = true;
    seen = render(&s, 80, 24, TERM_PLAIN);
    assert_non_null(
        strstr(line_of(&seen, 23), "Enter stop at the next page fault"));
    assert_null(strstr(line_of(&seen, 23), "1-6"));
    assert_non_null(strstr(line_of(&seen, 23), "? all keys"));
    s.d->silent = false;
    s.d->caption_pfn = s.d->events[0].pfn; /* about the selected frame */
    s.d->caption_cycle = s.d->events[0].cycle;
    static const struct {
        enum pane_id tab;
        const char *says[2];
    } tabs[] = {{PANE_EVENT, {"sort (12)  0x3f4995000", "frame 1127 "}},
                {PANE_WALK, {"found: physical", " L2 "}},
                {PANE_TLB, {"ASID", "page (VPN)"}},
                {PANE_DRAM, {"% conflict", "closed"}},
                {PANE_BUDDY, {"4K", "512K"}},
                {PANE_DISKS, {"vda root.img", "idle"}},
                {PANE_BELIEF, {"victim though used", "truly used lately"}},
                {PANE_COUNTERS, {"pgfault", "grew"}},
                {PANE_POLICY, {"pace", "vm.min_free_kbytes"}},
                {PANE_EVENTS, {"newest first", "1.235 s"}},
                {PANE_CONSOLE, {"MemFree:", "# "}}};
    for (unsigned i = 0; i < 2 * ARRAY_LEN(tabs); i++) {
        const char *says = tabs[i / 2].says[i % 2];
        s.v->tab = tabs[i / 2].tab;
        seen = render(&s, 80, 24, TERM_PLAIN);
        if (!shows(&seen, says))
            fail_msg("%s: no '%s'", panes[s.v->tab].name, says);
    }
}

TEST(a_long_card_is_whole)
{
    SCENE(s, 640, 480, 4096, false);
    size_t n = 0;
    while (n + 20 < sizeof s.v->note)
        n = append(s.v->note, sizeof s.v->note, n, "word%zu ", n);
    snprintf(s.v->note + n, sizeof s.v->note - n, "the end");
    struct seen seen = render(&s, 80, 24, TERM_PLAIN);
    assert_true(shows(&seen, "word0 "));
    assert_true(shows(&seen, "the end"));
}

TEST(a_long_heading_is_whole)
{
    SCENE(s, 640, 480, 4096, false);
    s.d->card = true;
    snprintf(s.d->caption, sizeof s.d->caption,
             "2 of 6. It writes one MiB of its own, then makes a child. Parent "
             "and child share every frame (pink) until one of them writes: "
             "then it gets a copy");
    struct seen seen = render(&s, 80, 24, TERM_PLAIN);
    assert_true(shows(&seen, "2 of 6  It writes one MiB of its own, "));
    assert_true(shows(&seen, " then makes a child "));
    assert_true(shows(&seen, "a copy "));
}

/* Without colours, a story names letters in place of colours. */
TEST(a_story_names_letters)
{
    SCENE(s, 640, 480, 4096, false);
    s.d->card = true;
    snprintf(s.d->caption, sizeof s.d->caption,
             "3 of 6. Kinds. Each blue cell, pages (blue), changed ones (light "
             "blue), shared ones (pink)");
    struct seen seen = render(&s, 160, 50, TERM_LETTERS);
    assert_true(shows(&seen, "Each f, pages (f), changed ones (d), "));
    seen = render(&s, 160, 50, TERM_24BIT);
    assert_true(shows(&seen, "Each blue cell, pages (blue), "));
}

/* A line of a wide terminal may be longer than 255 characters. */
TEST(a_line_of_a_wide_terminal_is_whole)
{
    SCENE(s, 640, 480, 4096, false);
    memset(s.d->caption, 'w', 258);
    s.d->caption[258] = 'e';
    struct seen seen = render(&s, 1200, 24, TERM_PLAIN);
    assert_true(shows(&seen, "we "));
}

TEST(off_says_what_is_left)
{
    SCENE(s, 640, 480, 4096, false);
    snprintf(s.d->mode, sizeof s.d->mode, "OFF");
    struct seen seen = render(&s, 80, 24, TERM_PLAIN);
    assert_non_null(strstr(line_of(&seen, 23), ", . an event back, forward"));
    assert_non_null(strstr(line_of(&seen, 23), "q leave"));
}

/* Below the map, the guest's screen has nearly half the height, or 24 rows. */
TEST(console_has_half_of_the_height)
{
    static const int most[][3] = {
        {80, 24, 10}, {100, 30, 13}, {120, 44, 20}, {120, 80, 24}};
    SCENE(s, 640, 480, 4096, false);
    for (unsigned i = 0; i < INS_CONSOLE_ROWS; i++)
        snprintf(s.d->console[i], sizeof s.d->console[i], "row %u.", i);
    s.d->cursor_row = INS_CONSOLE_ROWS - 1;
    s.v->tab = PANE_CONSOLE;
    for (unsigned i = 0; i < ARRAY_LEN(most); i++) {
        struct seen seen = render(&s, most[i][0], most[i][1], TERM_PLAIN);
        char first[16];
        snprintf(first, sizeof first, "row %d.", INS_CONSOLE_ROWS - most[i][2]);
        if (!shows(&seen, first) || !shows(&seen, "row 23."))
            fail_msg("%d x %d: no %s", most[i][0], most[i][1], first);
        assert_true(shows(&seen, "PHYSICAL MEMORY"));
    }
}

/* The guest's screen has its 80 columns, beside the map if there is room. */
TEST(console_has_80_columns)
{
    SCENE(s, 640, 480, 4096, false);
    char line[INS_CONSOLE_COLS + 1];
    memset(line, 'x', sizeof line - 1);
    line[INS_CONSOLE_COLS - 1] = 'y';
    line[INS_CONSOLE_COLS] = 0;
    snprintf(s.d->console[0], sizeof s.d->console[0], "%s", line);
    s.d->cursor_row = 1;
    s.d->cursor_col = 0;
    s.v->tab = PANE_CONSOLE;
    for (unsigned i = 0; i < ARRAY_LEN(sizes); i++)
        for (int typing = 0; typing < 2; typing++) {
            s.v->console = typing;
            struct seen seen = render(&s, sizes[i][0], sizes[i][1], TERM_PLAIN);
            if (!shows(&seen, line))
                fail_msg("%d x %d: not in one line", sizes[i][0], sizes[i][1]);
        }
}

TEST(names_of_tabs_are_apart)
{
    SCENE(s, 640, 480, 4096, false);
    s.v->tab = PANE_CONSOLE;
    struct seen seen = render(&s, 100, 30, TERM_PLAIN);
    assert_true(shows(&seen, "W Walk T TLB D DRAM"));
}

TEST(letters_are_counted)
{
    SCENE(s, 640, 480, 4096, false);
    s.v->pinned = NO_FRAME;
    struct seen seen = render(&s, 160, 80, TERM_PLAIN);
    u64 count[128] = {0};
    for (int row = 2; row < 66; row++)
        for (int column = 0; column < 64; column++)
            count[(unsigned char)line_of(&seen, row)[column] & 127]++;
    for (unsigned k = 0; k < FS_COUNT; k++)
        assert_int_equal(count[(unsigned char)ins_states[k].glyph],
                         s.d->histogram[k]);
    assert_true(shows(&seen, "a letter is 1 frame"));
    /* only lit frames keep their letters */
    s.d->lit = xcalloc(4096, 1);
    for (u64 i = 0; i < 4096; i++)
        s.d->nlit += s.d->lit[i] = s.d->kind[i] == FS_ANON;
    seen = render(&s, 160, 80, TERM_PLAIN);
    for (int row = 2; row < 66; row++)
        for (int column = 0; column < 64; column++)
            assert_non_null(strchr(" a", line_of(&seen, row)[column]));
}

/* Without colours, a marked frame's letter is reversed, here the selected
 * frame's, and so is the bar. With colours, a mark is a colour. */
TEST(marks_are_seen)
{
    SCENE(s, 640, 480, 4096, false);
    struct term_text t = {0};
    s.v->tab = PANE_POLICY;
    for (int letters = 0; letters < 2; letters++) {
        enum term_depth depth = letters ? TERM_LETTERS : TERM_24BIT;
        char mark[40] = "\033[0;7mc\033[0m";
        if (!letters)
            snprintf(mark, sizeof mark, "%u;%u;%u", 0xff, 0xd2, 0x4a);
        for (int selected = 0; selected < 2; selected++) {
            s.v->pinned = selected ? SELECTED : NO_FRAME;
            term_render(&t, s.d, s.v, 160, 80, depth);
            /* SELECTED's line on the map, below the bar and the title */
            const char *line = t.text, *end;
            for (int row = 0; row < 2 + SELECTED / 64 / (2 - letters); row++)
                line = strstr(line, "\r\n") + 2;
            end = strstr(line, "\r\n");
            const char *at =
                memmem(line, (size_t)(end - line), mark, strlen(mark));
            assert_int_equal(at != NULL, selected);
        }
        const char *bar = letters ? "\033[0;7m" : "48;2;";
        assert_non_null(memmem(t.text, 40, bar, strlen(bar)));
    }
    free(t.text);
}

TEST(find_line)
{
    SCENE(s, 640, 480, 4096, false);
    s.v->finding = true;
    snprintf(s.v->find, sizeof s.v->find, "dirty pid 7");
    struct seen seen = render(&s, 80, 24, TERM_PLAIN);
    assert_true(shows(&seen, "/ dirty pid 7"));
    assert_true(shows(&seen, "light up these frames"));
}

/* Both help pages come from one table: the terminal's page has each key that
 * the terminal has, none that is the window's alone, and nothing is cut. */
TEST(the_page_of_keys)
{
    SCENE(s, 640, 480, 4096, false);
    struct help_row row[HELP_ROWS];
    unsigned n = help_rows(row, true);
    s.v->help = true;
    for (unsigned size = 0; size < ARRAY_LEN(sizes); size++) {
        struct seen seen =
            render(&s, sizes[size][0], sizes[size][1], TERM_PLAIN);
        assert_true(shows(&seen, HELP_CLOSES));
        for (unsigned i = 0; i < n; i++) {
            char words[200]; /* each of its words stands on the page */
            snprintf(words, sizeof words, "%s", row[i].text);
            for (char *w = strtok(words, " "); w; w = strtok(NULL, " "))
                if (!shows(&seen, w))
                    fail_msg("%d x %d: '%s' of '%s' is not there",
                             sizes[size][0], sizes[size][1], w, row[i].text);
        }
        assert_false(shows(&seen, "wheel"));
    }
    unsigned window = help_rows(row, false);
    bool wheel = false, q = false;
    for (unsigned i = 0; i < window; i++) {
        wheel |= row[i].key && !strcmp(row[i].key, "wheel");
        q |= row[i].key && !strcmp(row[i].key, "q");
    }
    assert_true(wheel && !q);
}

TEST(depth_of_a_terminal)
{
    assert_int_equal(term_depth_of("xterm", "truecolor", false), TERM_24BIT);
    assert_int_equal(term_depth_of("xterm-256color", NULL, false), TERM_256);
    assert_int_equal(term_depth_of("vt100", NULL, false), TERM_LETTERS);
    assert_int_equal(term_depth_of("xterm", "truecolor", true), TERM_LETTERS);
    assert_int_equal(term_depth_of(NULL, NULL, false), TERM_LETTERS);
}
