/* SPDX-License-Identifier: MIT */
/* Opens SDL2 when a window is wanted. If SDL2 were linked, it and the fifty
 * libraries that it needs would cost every start 3 ms, and a host without them
 * could not run the machine at all. */
#pragma once

#include <SDL.h>

#include "base/base.h"

/* The library's name in Linux distributions, for this version of the API. */
#define SDL_LIBRARY "libSDL2-2.0.so.0"

/* The functions that the panel calls; their names lack SDL_. */
#define SDL_CALLS(F)                                                           \
    F(CreateRGBSurfaceWithFormatFrom)                                          \
    F(CreateWindow)                                                            \
    F(DestroyWindow)                                                           \
    F(FreeSurface)                                                             \
    F(GetCurrentVideoDriver)                                                   \
    F(GetDisplayUsableBounds)                                                  \
    F(GetError)                                                                \
    F(GetModState)                                                             \
    F(GetMouseState)                                                           \
    F(GetTicks)                                                                \
    F(GetWindowBordersSize)                                                    \
    F(GetWindowDisplayIndex)                                                   \
    F(GetWindowPosition)                                                       \
    F(GetWindowSize)                                                           \
    F(GetWindowSizeInPixels)                                                   \
    F(GetWindowSurface)                                                        \
    F(InitSubSystem)                                                           \
    F(PollEvent)                                                               \
    F(QuitSubSystem)                                                           \
    F(SetHint)                                                                 \
    F(SetSurfaceBlendMode)                                                     \
    F(SetWindowMinimumSize)                                                    \
    F(SetWindowPosition)                                                       \
    F(SetWindowSize)                                                           \
    F(StartTextInput)                                                          \
    F(UpdateWindowSurface)                                                     \
    F(UpperBlit)                                                               \
    F(WaitEventTimeout)

#define SDL_MEMBER(name) __typeof__(SDL_##name) *name;
extern struct sdl {
    SDL_CALLS(SDL_MEMBER)
} sdl;
#undef SDL_MEMBER

/* Call before any of these functions. Returns NULL, or why there is no SDL. */
const char *sdl_open(void);
