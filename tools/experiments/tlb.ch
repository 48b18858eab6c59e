# options: --ram 32M --swap 0
# What is a TLB? What is CPU cache? (001-8, 001-9) A chain of loads, each of
# whose addresses the load before it brings, through more and more pages, one
# word in each, and through more and more memory. Where the steps are is what
# --cpu list says of the U54: 32 entries, 128 behind them; 32 KiB, 2 MiB.
# (RISC-V refills its TLBs in hardware; a handler that does it is not offered.)
expect "# " 60s
send "PS1='o''k> '\n"
expect "ok> " 10s
echo ==== one page: nobody needs a translation twice; thousandths of a cycle a
echo ==== load (and of the loop around it)
send "chase 16 64\n"
expect "warm" 10s
let a tlb.dtlb.accesses
let m tlb.dtlb.misses
let c cycle
expect "cycles each" 10s
let one cycle - let.c
print let.one / 100
assert tlb.dtlb.accesses - let.a > 100000
assert tlb.dtlb.misses - let.m < 100
expect "ok> " 10s

echo ==== 32 pages, 32 entries: a hit costs nothing; and misses
send "chase 32 4160\n"
expect "warm" 10s
let m tlb.dtlb.misses
let c cycle
expect "cycles each" 10s
let hit cycle - let.c
print let.hit / 100
print tlb.dtlb.misses - let.m
assert tlb.dtlb.misses - let.m < 5000
assert let.hit < let.one + let.one / 50
expect "ok> " 10s

echo ==== 40 pages: each load misses, and finds it in the second TLB
echo ==== (3 cycles); misses, walks
send "chase 40 4160\n"
expect "warm" 10s
let m tlb.dtlb.misses
let w walker.walks
let c cycle
expect "cycles each" 10s
let second cycle - let.c
print let.second / 100
print tlb.dtlb.misses - let.m
print walker.walks - let.w
assert tlb.dtlb.misses - let.m > 95000
assert walker.walks - let.w < 1000
assert let.second - let.one > 290000 && let.second - let.one < 320000
expect "ok> " 10s

echo ==== 256 pages: each load walks the page tables, in hardware, without a
echo ==== trap; misses, walks
send "chase 256 4160\n"
expect "warm" 10s
let m tlb.dtlb.misses
let w walker.walks
let f pgfault
let c cycle
expect "cycles each" 10s
let walk cycle - let.c
print let.walk / 100
print tlb.dtlb.misses - let.m
print walker.walks - let.w
assert walker.walks - let.w > 95000
assert pgfault == let.f
assert let.walk - let.second > 200000
expect "ok> " 10s

echo ==== who changes page tables must flush: fork takes the right to write
echo ==== away; flushes
let f tlb.dtlb.flushes
send "forktree 1 2 64K\n"
expect "3 processes of 3" 20s
print tlb.dtlb.flushes - let.f
assert tlb.dtlb.flushes - let.f >= 3
expect "ok> " 10s

echo ==== caches: 16 KiB, 256 KiB, 8 MiB, a line of 64 bytes a load; the FAQ:
echo ==== one cycle; a small number; dozens, hundreds or thousands
send "chase 256 64; chase 4096 64\n"
expect "cycles each" 10s
expect "warm" 10s
let c cycle
expect "cycles each" 10s
let l2 cycle - let.c
print let.l2 / 100
assert let.l2 > 8 * let.one && let.l2 < 20 * let.one
expect "ok> " 10s
send "chase 131072 64\n"
expect "warm" 60s
let c cycle
expect "cycles each" 60s
let dram cycle - let.c
print let.dram / 100
assert let.dram > 4 * let.l2
expect "ok> " 10s
echo ==== latency is the issue, not throughput: the same 8 MiB in order, by words
send "chase -s 1048576 8\n"
expect "warm" 60s
let c cycle
expect "cycles each" 60s
let words cycle - let.c
print let.words / 100
assert let.words * 7 < let.dram
expect "ok> " 10s
