# SPDX-License-Identifier: MIT
# The panel's text: FreeType, and three faces of DejaVu put into the program.

FONT_DIR   ?= /usr/share/fonts/truetype/dejavu
FONT_FILES := $(addprefix $(FONT_DIR)/,DejaVuSans.ttf DejaVuSans-Bold.ttf \
                                       DejaVuSansMono.ttf)
FREETYPE_FLAGS := $(shell pkg-config --cflags freetype2 2>/dev/null || \
                    echo -I/usr/include/freetype2)

$(FONT_FILES):
	@echo "clockhand: $@: not there: package fonts-dejavu-core" >&2; exit 2

$(B)/emu/panel/draw/font.o: $(FONT_FILES)
$(B)/emu/panel/draw/font.o: CFLAGS += $(FREETYPE_FLAGS) \
    -DFONT_DIR='"$(FONT_DIR)"'

# Rewrites the pictures of tests/panel/golden/.
.PHONY: golden
golden: $(B)/tests/unit/test_panel_draw
	GOLDEN=write $<
