# options: --ram 8M --swap 32M --policy kpaged --timing fast
# Seed 004: a thread of its own, kpaged, finds out which pages are old, and
# kswapd takes those; allocations never write. linux240t.ch does the same work
# with the stock kernel. (004-1 ... -14; experiments.md, E13)
expect "# " 60s
send "PS1='o''k> '; PATH=$PATH:/era/bin\n"
expect "ok> " 10s

# An idle daemon that has 5 MiB, and nobody else: time to find out what is old.
send "idled 5M &\n"
expect "ok> " 10s
run-for 30s
echo ==== idle
source tools/experiments/sysrq-m.inc
echo ==== all that is mapped is old after three rounds (S)
assert vm.aged > 1000

# Another one needs memory, a little now and then. It is there: the daemon's.
echo ==== a small amount of dirty pages is deferred: 15 wait (T), none is written
tcatch swap-add if vm.pending == 15
mark begun
send "for i in 1 2 3; do hog 2M 0 > /dev/null; sleep 3; done; echo do''ne\n"
continue
print vm.pending
print pswpout
assert vm.pending == 15 && pswpout == 0 && kswapd_marked >= 15
expect "done" 60s
expect "ok> " 10s
echo ==== a little at a time
source tools/experiments/sysrq-m.inc
echo ==== pages that processes swapped out themselves while they wanted memory (seed: none)
print pswpout + vm.pending - kswapd_marked
assert pswpout + vm.pending <= kswapd_marked
echo ==== fell back to rss (J): kpaged had coped
print kswapd_overload
assert kswapd_overload == 0
assert kswapd_marked > 100
echo ==== and what it had gathered for the disk when it could sleep again does not stand for ever (T)
run-for 1s
print vm.pending
assert vm.pending == 0

# Twice as much as there is, all of it in use: no idle time, no old pages.
let j kswapd_overload
let i kswapd_marked
send "hog 6M 1 > /dev/null & hog 6M 1 > /dev/null & hog 4M 1 > /dev/null; kill %1; wait; echo do''ne\n"
run-for 5s
source tools/experiments/sysrq-m.inc
run-for 5s
source tools/experiments/sysrq-m.inc
expect "0 pages wrong" 300s
expect "done" 300s
expect "ok> " 10s
echo ==== overload
source tools/experiments/sysrq-m.inc
echo ==== of pages to go, by rss instead (J); allocations that waited (K); used again before they were freed (G of F)
print kswapd_overload - let.j
print kswapd_sync
print swap_cache_find_marked
print swap_cache_find
assert kswapd_overload - let.j > 500
assert kswapd_sync > 1000
assert swap_cache_find_marked > 0
assert swap_cache_find_marked * 5 < swap_cache_find
assert pswpout + vm.pending <= kswapd_marked
assert kpaged_green + kpaged_yellow + kpaged_orange + kpaged_red > 100
assert kpaged_orange > kpaged_green

echo ==== the work in all (E13; the same lines in linux240t and kpaged): ms of
echo ==== time; times that somebody waited for memory; frames that processes
echo ==== freed themselves; page faults that waited for the disk; killed
print (cycle - mark.begun) / 1ms
print allocstall
print pgsteal_direct
print pgmajfault
print oom_kill
echo ==== (Fewer stalls were foreseen; there are, but not many fewer: who finds no
echo ==== frame waits for kswapd where it wrote and freed by itself before. What is
echo ==== gone is the write in the stall, and the death of somebody while there was
echo ==== swap.)
# "An allocation request cannot fail because the pageout mechanism didn't keep
# up": nobody dies while there is swap.
assert oom_kill == 0
run-until lens.busy == 0
audit
