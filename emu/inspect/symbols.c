/* SPDX-License-Identifier: MIT */
/* Names and addresses: the kernel's or the bare ELF's symbols. */
#include "inspect/inspect.h"

#include "boot/elf.h"

#include <stdio.h>
