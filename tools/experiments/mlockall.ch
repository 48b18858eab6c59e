# options: --policy linux26 --ram 16M --swap 32M
# "My system had an OOM with ~2GB free swap.. why?" (002-18) Because many
# processes had called mlockall(): their pages cannot be swapped out, so free swap
# is no use. Here eight daemons lock 2.2 MB each, in 16 MB.
title "Out of memory with nearly all of swap free" "the slides (002-18)"
console off
expect "# " 60s
console on
send "lockers 8 2200; echo status $?\n"
tcatch oom
continue
let locked unevictable_pgs_mlocked - unevictable_pgs_munlocked
claim "out of memory: swap that is free" "\"~2GB free swap.. why?\": nearly all" \
    vm.swap_used * 100 < vm.swap_total \
    "%d of %d KiB", (vm.swap_total - vm.swap_used) * 4, vm.swap_total * 4
claim "frames that mlockall holds" "why: nearly all; eight processes lock 2200 KiB each" \
    let.locked * 10 > vm.frames * 8 "%d of %d", let.locked, vm.frames

# No page can leave: kswapd has scanned four times as many pages as the zone has, and
# found none that it may take; then 2.6.9 gives the zone up, and a process is killed,
# with nearly all of swap free.
expect "oom-killer: " 60s
expect "all_unreclaimable? yes" 5s
expect "Free swap:" 5s
hear free
claim "the report: free swap" "it is there, and of no use" let.free > 32000 \
    "%d KiB", let.free

# Linux 2.6.9's report said nothing about locked pages, and so left its readers
# to wonder. Ours has one line more.
expect "swap cached\n[" 5s
hear _ _ mlocked
claim "the report: pages mlocked" "Linux 2.6.9 does not say; ours does" \
    let.mlocked * 10 > vm.frames * 8 "%d pages", let.mlocked
expect "Out of Memory: Killed process" 5s
expect "(locker)." 5s
expect "lockers: " 60s
claim "processes killed; pages that went to swap all the while" \
    "somebody must die; hardly any can leave" oom_kill >= 1 && pswpout < 200 \
    "%d; %d pages", oom_kill, pswpout
expect " 0 pages wrong" 5s
expect "status 0" 10s
expect "# " 10s
audit
