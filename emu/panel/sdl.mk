# SPDX-License-Identifier: MIT
# The panel opens SDL2's library itself and needs only its headers: the host's if
# they are installed. If not, libsdl2-dev is unpacked into build/, without the
# hundred packages that it depends on (tools/fetch-headers).
SDL_FLAGS := $(shell pkg-config --cflags sdl2 2>/dev/null)
ifneq ($(SDL_FLAGS),)
SDL_CFLAGS := $(SDL_FLAGS)
else
SDL_DIR    := build/cache/sdl2
# The compiler is asked once, at the first use: by then it has been installed.
SDL_ARCH    = $(eval SDL_ARCH := $(shell $(CC) -print-multiarch 2>/dev/null || \
    gcc -print-multiarch))$(SDL_ARCH)
SDL_CFLAGS  = -isystem $(SDL_DIR)/usr/include -isystem $(SDL_DIR)/usr/include/SDL2 \
    -isystem $(SDL_DIR)/usr/include/$(SDL_ARCH) -D_REENTRANT
$(SDL_DIR):
	$(call say,HEADERS libsdl2-dev)
	$(Q)tools/fetch-headers $@ libsdl2-dev libsdl2-2.0-0
$(panel_OBJ): | $(SDL_DIR)
endif
$(B)/emu/panel/%.o: CFLAGS += $(SDL_CFLAGS)
