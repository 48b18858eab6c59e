# SPDX-License-Identifier: MIT
# The panel's font: Terminus from its Debian package, converted when building.

TERMINUS       ?= /usr/share/fonts/X11/misc
TERMINUS_SIZES := 12 14 16 18 20 22 24 28 32
TERMINUS_FILES := $(foreach s,$(TERMINUS_SIZES),\
    $(TERMINUS)/ter-u$(s)n_unicode.pcf.gz $(TERMINUS)/ter-u$(s)b_unicode.pcf.gz)

$(B)/tools/pcf2c: tools/pcf2c.c
	@mkdir -p $(@D)
	$(call say,CC      $<)
	$(Q)$(CC) $(CSTD) $(OPT) -g $(WARN) -o $@ $< -lz

$(TERMINUS_FILES):
	@echo "clockhand: $@: not there: package xfonts-terminus" >&2; exit 2

$(B)/gen/terminus.inc: $(B)/tools/pcf2c $(TERMINUS_FILES)
	@mkdir -p $(@D)
	$(call say,FONT    $@)
	$(Q)$< $(foreach s,$(TERMINUS_SIZES),$(foreach w,n b,\
	    ter$(s)$(w)=$(TERMINUS)/ter-u$(s)$(w)_unicode.pcf.gz)) > $@.tmp
	$(Q)mv $@.tmp $@

$(B)/emu/panel/font.o: $(B)/gen/terminus.inc

# Rewrites tests/panel/golden/ from what the panel draws now.
.PHONY: golden
golden: $(B)/tests/unit/test_panel_draw
	GOLDEN=write $<
