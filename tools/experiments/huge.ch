# options: --ram 64M --swap 0
# only in cycle timing: a walk takes time there alone
# "A huge page allows a single TLB entry to translate addresses for a large amount of contiguous
# physical memory ... can lead to about a 10% performance increase if used correctly" (001-30): a
# program of the guest chases a chain through its memory, in pages of 4 KiB and, by MADV_HUGEPAGE,
# of 2 MiB. The TLBs have 32 and 128 entries, as the U54's do. The cost is shown, too: one word used
# in each 2 MiB. (The program hugepages does so on the bare machine.)
title "What pages of 2 MiB save a program" "the FAQ (001-30)"
console off
expect "# " 60s
send "PS1='o''k> '\n"
expect "ok> " 10s

# Chase a chain through 4 MiB, all lines in random order. (001-30)
let f pgfault
send "chase 65536 64 200000\n"
expect "linked" 60s
let faults pgfault - let.f
expect "warm" 60s
let m tlb.dtlb.misses
let w walker.walks
let c cycle
expect "cycles each" 60s
let small cycle - let.c
let misses tlb.dtlb.misses - let.m
let walks walker.walks - let.w
expect "ok> " 10s
let f pgfault
let t thp_fault_alloc
send "chase -H 65536 64 200000\n"
expect "linked" 60s
let few pgfault - let.f
expect "warm" 60s
let m tlb.dtlb.misses
let w walker.walks
let c cycle
expect "cycles each" 60s
let large cycle - let.c
let hits tlb.dtlb.misses - let.m
let none walker.walks - let.w
expect "ok> " 10s
# (Each run has some 150 faults of its own, 128 of them for the chain's order.)
claim "4 MiB: faults, in pages of 4 KiB and 2 MiB" "1024, 2, and the program's own" \
    thp_fault_alloc - let.t == 2 && let.faults - let.few >= 1022 && let.faults - let.few < 1040 \
    "%d, %d", let.faults, let.few
claim "TLB misses a load, 4 KiB" "32 entries for 1024 pages: 1 - 32/1024 = 0.97" \
    let.misses > 190000 && let.misses < 200000 \
    "%.2f", let.misses, 200000
claim "TLB misses a load, 2 MiB" "0, while the range is at most 32 * 2 MiB" \
    let.hits < 2000 "%.2f", let.hits, 200000
claim "walks a load, 4 KiB and 2 MiB" "fewer walks" \
    let.walks > 150000 && let.none < 2000 \
    "%.2f, %.2f", let.walks, 200000, let.none, 200000
claim "cycles a load, 4 KiB and 2 MiB: gain" "about 10%: more than 5%, less than 15%" \
    (let.small - let.large) * 100 > let.small * 5 && (let.small - let.large) * 100 < let.small * 15 \
    "%.1f, %.1f: %.1f%%", let.small, 200000, let.large, 200000, 100 * (let.small - let.large), let.small

# For 16 MiB the page tables have 32 KiB, as much as the L1 cache. (001-30)
send "chase 262144 64 200000\n"
expect "warm" 60s
let c cycle
expect "cycles each" 60s
let small cycle - let.c
expect "ok> " 10s
send "chase -H 262144 64 200000\n"
expect "warm" 60s
let c cycle
expect "cycles each" 60s
let large cycle - let.c
expect "ok> " 10s
claim "16 MiB, whose page tables fill the L1 cache: gain" "more than 10%" \
    (let.small - let.large) * 100 > let.small * 10 \
    "%.1f, %.1f: %.1f%%", let.small, 200000, let.large, 200000, 100 * (let.small - let.large), let.small

# If one word of each page is read, the 4096 lines fit into the L2 cache: translation costs most.
send "chase 4096 4160 200000\n"
expect "warm" 60s
let c cycle
expect "cycles each" 60s
let small cycle - let.c
expect "ok> " 10s
send "chase -H 4096 4160 200000\n"
expect "warm" 60s
let c cycle
expect "cycles each" 60s
let large cycle - let.c
expect "ok> " 10s
claim "16 MiB, a word in each page: gain" "the most there can be" \
    (let.small - let.large) * 100 > let.small * 30 \
    "%.1f, %.1f: %.1f%%", let.small, 200000, let.large, 200000, 100 * (let.small - let.large), let.small

# Huge pages not "used correctly": each holds a single word.
let d demand_zero
send "chase 16 2097152 200000\n"
expect "linked" 60s
let sparse demand_zero - let.d
expect "ok> " 60s
let d demand_zero
send "chase -H 16 2097152 200000\n"
expect "linked" 60s
let wasted demand_zero - let.d
expect "ok> " 60s
claim "a word in each of 16 * 2 MiB: frames cleared" \
    "\"if used correctly\": 512 times 16" \
    let.sparse < 100 && let.wasted - let.sparse == 16 * 511 \
    "%d, %d", let.sparse, let.wasted

# In fast timing an instruction takes one cycle, whatever its translation would cost.
timing fast
send "chase 65536 64 200000\n"
expect "warm" 60s
let c cycle
expect "cycles each" 60s
let small cycle - let.c
expect "ok> " 10s
send "chase -H 65536 64 200000\n"
expect "warm" 60s
let c cycle
expect "cycles each" 60s
let large cycle - let.c
expect "ok> " 10s
claim "4 MiB in fast timing: cycles a load" "(ours) no gain: a TLB miss takes no time there" \
    let.small < 300000 && let.small - let.large < let.small / 100 && let.large - let.small < let.small / 100 \
    "%.2f, %.2f", let.small, 200000, let.large, 200000
audit
