/* SPDX-License-Identifier: MIT */
/* SITES(X) expands to X(n) for each of the library's 64 functions. */
#pragma once

#define EIGHT(X, t)                                                            \
    X(t##0)                                                                    \
    X(t##1) X(t##2) X(t##3) X(t##4) X(t##5) X(t##6) X(t##7)
#define SITES(X)                                                               \
    EIGHT(X, 0)                                                                \
    EIGHT(X, 1)                                                                \
    EIGHT(X, 2)                                                                \
    EIGHT(X, 3) EIGHT(X, 4) EIGHT(X, 5) EIGHT(X, 6) EIGHT(X, 7)
