/* SPDX-License-Identifier: MIT */
/* elfutils' config.h for emscripten's C library. */
#define PACKAGE_NAME           "elfutils"
#define PACKAGE_VERSION        "0.192"
#define HAVE_ERR_H             1
#define HAVE_FALLTHROUGH       1
#define HAVE_DECL_MEMRCHR      1
#define HAVE_DECL_MEMPCPY      1
#define HAVE_DECL_REALLOCARRAY 1
#define HAVE_STDATOMIC_H       1
#include <eu-config.h>
