/* SPDX-License-Identifier: MIT */
/* Opens SDL2's library and looks up its functions. */
#include "panel/window/sdl.h"

#include <dlfcn.h>

struct sdl sdl;

const char *sdl_open(void)
{
    void *library = dlopen(SDL_LIBRARY, RTLD_NOW | RTLD_LOCAL);

    if (!library)
        return dlerror();
#define LOOK_UP(name)                                                          \
    if (!(*(void **)&sdl.name = dlsym(library, "SDL_" #name)))                 \
        return dlerror();
    SDL_CALLS(LOOK_UP)
#undef LOOK_UP
    return NULL;
}
