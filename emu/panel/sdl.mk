# SPDX-License-Identifier: MIT
# SDL2 for the panel: the host's, where its headers are installed; else its
# shared library with headers from libsdl2-dev, unpacked into build/ alone
# (tools/fetch-headers): that package would bring a hundred others.
SDL_FLAGS := $(shell pkg-config --cflags sdl2 2>/dev/null)
ifneq ($(SDL_FLAGS),)
SDL_CFLAGS := $(SDL_FLAGS)
SDL_LIBS   := $(shell pkg-config --libs sdl2 2>/dev/null)
else
SDL_DIR    := build/cache/sdl2
SDL_ARCH    = $(shell $(CC) -print-multiarch 2>/dev/null || gcc -print-multiarch)
SDL_CFLAGS  = -isystem $(SDL_DIR)/usr/include -isystem $(SDL_DIR)/usr/include/SDL2 \
    -isystem $(SDL_DIR)/usr/include/$(SDL_ARCH) -D_REENTRANT
SDL_LIBS   := -l:libSDL2-2.0.so.0
$(SDL_DIR):
	$(call say,HEADERS libsdl2-dev)
	$(Q)tools/fetch-headers $@ libsdl2-dev libsdl2-2.0-0
$(panel_OBJ): | $(SDL_DIR)
endif
$(B)/emu/panel/%.o: CFLAGS += $(SDL_CFLAGS)
