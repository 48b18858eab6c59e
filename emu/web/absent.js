// SPDX-License-Identifier: MIT
// Defines library functions that are linked but never called: compression of
// `--refs` and of ELF sections, libebl's disassembler, starting programs (films), error().
const absent = {};
for (const name of ['ZSTD_CCtx_setParameter', 'ZSTD_CStreamInSize',
                    'ZSTD_CStreamOutSize', 'ZSTD_compressStream2',
                    'ZSTD_createCCtx', 'ZSTD_freeCCtx', 'ZSTD_isError',
                    'riscv_disasm', 'close_range', 'posix_spawnp', 'elf_compress', 'elf_compress_gnu',
                    '__libelf_decompress_elf', 'error'])
  absent[name] = new Function(`abort("${name} is not in the page")`);
mergeInto(LibraryManager.library, absent);
