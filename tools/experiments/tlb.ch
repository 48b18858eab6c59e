# options: --ram 32M --swap 0
# only in cycle timing: in fast timing every load takes one cycle
# The TLB and the CPU's caches (001-8, 001-9). A program follows a chain of loads, each of which
# brings the next address. The chain leads through more and more pages, one word in each, then
# through more and more memory. Loads become slower at the U54's sizes (--cpu list): TLBs of 32 and
# 128 entries, caches of 32 KiB and 2 MiB. (RISC-V refills TLBs in hardware, never in software.)
title "What is a TLB? What is CPU cache?" "the FAQ (001-8, 001-9)"
console off
expect "# " 60s
send "PS1='o''k> '\n"
expect "ok> " 10s
figure "(cycle timing: in fast timing every load takes one cycle)" ""
# One page: its translation stays in the TLB.
send "chase 16 64\n"
expect "warm" 10s
let a tlb.dtlb.accesses
let m tlb.dtlb.misses
let c cycle
expect "cycles each" 10s
let one cycle - let.c
claim "1 page: cycles a load, with the loop; TLB misses of 100000" "none" \
    tlb.dtlb.accesses - let.a > 100000 && tlb.dtlb.misses - let.m < 100 \
    "%.2f; %d", let.one, 100000, tlb.dtlb.misses - let.m
expect "ok> " 10s

send "chase 32 4160\n"
expect "warm" 10s
let m tlb.dtlb.misses
let c cycle
expect "cycles each" 10s
let hit cycle - let.c
claim "32 pages, 32 entries: cycles; misses" "a hit costs nothing" \
    tlb.dtlb.misses - let.m < 5000 && let.hit < let.one + let.one / 50 \
    "%.2f; %d", let.hit, 100000, tlb.dtlb.misses - let.m
expect "ok> " 10s

send "chase 40 4160\n"
expect "warm" 10s
let m tlb.dtlb.misses
let w walker.walks
let c cycle
expect "cycles each" 10s
let second cycle - let.c
claim "40 pages: cycles; misses; walks" "the second TLB has the translation: 3 cycles more" \
    tlb.dtlb.misses - let.m > 95000 && walker.walks - let.w < 1000 && let.second - let.one > 290000 && let.second - let.one < 320000 \
    "%.2f; %d; %d", let.second, 100000, tlb.dtlb.misses - let.m, walker.walks - let.w
expect "ok> " 10s

send "chase 256 4160\n"
expect "warm" 10s
let m tlb.dtlb.misses
let w walker.walks
let f pgfault
let c cycle
expect "cycles each" 10s
let walk cycle - let.c
claim "256 pages: cycles; misses; walks; faults" \
    "each load walks, in hardware: at least 2 cycles more, no trap" \
    walker.walks - let.w > 95000 && pgfault == let.f && let.walk - let.second > 200000 \
    "%.2f; %d; %d; %d", let.walk, 100000, tlb.dtlb.misses - let.m, walker.walks - let.w, pgfault - let.f
expect "ok> " 10s

let f tlb.dtlb.flushes
send "forktree 1 2 64K\n"
expect "3 processes of 3" 20s
claim "fork, which makes pages read-only: flushes" \
    "whoever changes page tables must flush: at least 3, for 3 processes" tlb.dtlb.flushes - let.f >= 3 \
    "%d", tlb.dtlb.flushes - let.f
expect "ok> " 10s

# The caches: each load reads a different line of 64 bytes.
send "chase 256 64; chase 4096 64\n"
expect "warm" 10s
let c cycle
expect "cycles each" 10s
let l1 cycle - let.c
expect "warm" 10s
let c cycle
expect "cycles each" 10s
let l2 cycle - let.c
claim -n "16 KiB, in the first cache: cycles a load, with the loop" "\"one cycle\"" \
    let.l1 < 200000 "%.2f", let.l1, 100000
claim "256 KiB, in the second" "\"a small number\": 8 to 20 times a load in 1 page" \
    let.l2 > 8 * let.one && let.l2 < 20 * let.one \
    "%.2f", let.l2, 100000
expect "ok> " 10s
send "chase 131072 64\n"
expect "warm" 60s
let c cycle
expect "cycles each" 60s
let dram cycle - let.c
claim "8 MiB, 6 of them outside the caches, a load a line, in random order: cycles" "\"dozens, hundreds or thousands\"" let.dram > 4 * let.l2 \
    "%.2f", let.dram, 100000
expect "ok> " 10s
# Again one load a line, now with addresses that are known beforehand. This core waits for each
# miss, so little of the latency can be hidden. (Both figures contain TLB misses.)
send "chase -s 131072 64\n"
expect "warm" 60s
let c cycle
expect "cycles each" 60s
let lines cycle - let.c
claim -n "the same 8 MiB in order, a load a line: cycles" \
    "\"latency, not throughput\": nearly nothing" let.lines * 4 < let.dram \
    "%.2f", let.lines, 100000
expect "ok> " 10s
send "chase -s 1048576 8\n"
expect "warm" 60s
let c cycle
expect "cycles each" 60s
let words cycle - let.c
claim "in order, by words" "a line brings 8 words: an eighth of those cycles, and the loop" \
    let.words * 8 > let.lines && let.words < let.lines / 8 + 2 * let.one \
    "%.2f", let.words, 100000
expect "ok> " 10s
