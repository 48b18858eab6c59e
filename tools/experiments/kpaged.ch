# options: --ram 8M --swap 32M --policy kpaged --timing fast
# Document 004: a thread of its own, kpaged, finds out which pages are old, and kswapd takes those;
# allocations never write. linux240t.ch does the same work with the stock kernel. (004-1 ... -14)
title "kpaged: a thread that finds out which pages are old" "the patch (004)"
console off
expect "# " 60s
# idle prints the hundredths of seconds since its last call, and those of them in
# which no process ran.
send "PS1='o''k> '; PATH=$PATH:/era/bin; O=0 N=0; idle() { o=$O n=$N; read -r c u x s i w x < /proc/stat; N=$((i + w)); O=$((u + s + N)); echo id''le: $((O - o)) $((N - n)); }\n"
expect "ok> " 10s

# An idle daemon has 5 MiB, and kpaged has time to find out which pages are old.
# Beside it, for now, runs a process that uses its 100 pages 50 times a second.
send "idled 5M & idled -p 20 -a 400K > /dev/null &\n"
expect "ok> " 10s
send "idle\n"
expect "ok> " 10s
let runs kpaged_green + kpaged_yellow + kpaged_orange + kpaged_red
run-for 30s
let runs kpaged_green + kpaged_yellow + kpaged_orange + kpaged_red - let.runs
send "idle\n"
expect "idle: " 10s
hear of idle
expect "ok> " 10s
let idle (let.idle * 1000 + let.of / 2) / let.of
console on
echo ==== SysRq-M, idle
source tools/experiments/sysrq-m.inc
claim "30 s of idleness: pages that kpaged calls old (S in SysRq-M)" \
    "all that is mapped and not used, after three rounds: over 1000" vm.aged > 1000 \
    "%d pages", vm.aged
claim "idle time in these 30 s; runs of kpaged" \
    "\"enough spare cycles\": nearly all; it runs in them" \
    let.idle > 900 && let.runs >= 10 \
    "%.1f%%; %d runs", let.idle, 10, let.runs
let aged vm.aged
send "kill %2; wait %2\n"
expect "ok> " 10s
claim "of the old pages, those of a process that uses its 100 pages all along (they go when it is killed)" \
    "none of the 100; some of its text and stack" let.aged - vm.aged < 30 \
    "%d pages", let.aged - vm.aged

# Another process needs a little memory now and then. It gets the idle daemon's frames.
tcatch swap-add if vm.pending == 15
mark begun
send "for i in 1 2 3; do hog 2M 0 > /dev/null; sleep 3; done; echo do''ne\n"
continue
# (15 is the reconstruction's limit. The script waits until 15 are pending, so
# the claim can show no other number.) (004-9)
claim "a small amount of dirty pages" "is deferred: 15 wait (T in SysRq-M), none is written" \
    vm.pending == 15 && pswpout == 0 && kswapd_marked >= 15 \
    "%d wait, %d written", vm.pending, pswpout
expect "done" 60s
expect "ok> " 10s
echo ==== SysRq-M, a little at a time
source tools/experiments/sysrq-m.inc
claim "a little at a time: pages that processes swapped out themselves" \
    "none" pswpout + vm.pending <= kswapd_marked \
    "%d pages", pswpout + vm.pending > kswapd_marked ? pswpout + vm.pending - kswapd_marked : 0
claim "of the pages that kswapd marked to go, those taken by size (RSS) for want of old ones (J in SysRq-M)" "next to none: kpaged copes" \
    kswapd_overload * 50 < kswapd_marked && kswapd_marked > 100 \
    "%d of %d", kswapd_overload, kswapd_marked
run-for 1s
claim "what waits for the disk (T), a second later" \
    "none: they do not wait for ever" vm.pending == 0 "%d pages", vm.pending

# Three processes use twice as much memory as there is. For the first second no page is old (S in
# SysRq-M), so kswapd takes frames by the processes' rss (J).
let j kswapd_overload
let k kswapd_sync
let q kswapd_free
let i kswapd_marked
send "idle; hog 6M 1 > /dev/null & hog 6M 1 > /dev/null & hog 4M 1 > /dev/null; kill %1; wait; idle; echo do''ne\n"
expect "idle: " 10s
run-for 1s
figure "overload, after a second: taken by size (J), allocations that waited (K), old pages (S)" "%d times, %d times, %d pages", \
    kswapd_overload - let.j, kswapd_sync - let.k, vm.aged
let first kswapd_overload - let.j
# Sample the number of writes queued at the disk 80 times in 4 seconds. (004-5)
let n 0
let flooded 0
let most 0
while let.n < 80
  run-for 50ms
  let now u64[writes]
  let most let.now > let.most ? let.now : let.most
  let flooded let.flooded + (let.now == 32)
  let n let.n + 1
end
source tools/experiments/sysrq-m.inc
run-for 5s
source tools/experiments/sysrq-m.inc
expect "0 pages wrong" 300s
expect "idle: " 300s
hear of idle
expect "ok> " 10s
let idle (let.idle * 1000 + let.of / 2) / let.of
echo ==== SysRq-M, overload
source tools/experiments/sysrq-m.inc
# How far J rises depends on the disk: kpaged runs while all wait for it. A page that has come in is
# old after three rounds, and until then each try for which the cache has no page chooses by rss.
figure "overload, at its end: J, K, S" "%d times, %d times, %d pages", \
    kswapd_overload - let.j, kswapd_sync - let.k, vm.aged
claim "overload: taken by size instead (J)" "J rises when no page is old" \
    kswapd_overload > let.j "%d times in %d tries", kswapd_overload - let.j, \
    kswapd_free - let.q
claim "... of these in the first second" "kpaged \"won't have the time\": over half" \
    let.first * 2 > kswapd_overload - let.j "%d times", let.first
claim "idle time in all of the overload" \
    "\"spare cycles ... especially during pageout activity\": over half" \
    let.idle > 500 "%.1f%%", let.idle, 10
claim "writes that wait at the swap disk, in 80 samples within 4 s: the most; samples with the most that kswapd gives the disk" \
    "it waits \"if the disk queue becomes dangerously flooded\": 32 at most" \
    let.most == 32 && let.flooded > 0 "%d; %d of 80", let.most, let.flooded
claim "allocations that waited (K)" "K > 0 under overload" kswapd_sync > 1000 \
    "%d", kswapd_sync
claim "pages that kswapd put into the cache, used again before they were freed (G of C in SysRq-M)" \
    "a small percentage" \
    swap_cache_find_marked > 0 && swap_cache_find_marked * 10 < swap_cache_add_kswapd \
    "%d of %d", swap_cache_find_marked, swap_cache_add_kswapd
claim "pages that processes swapped out themselves" "none" \
    pswpout + vm.pending <= kswapd_marked \
    "%d pages", pswpout + vm.pending > kswapd_marked ? pswpout + vm.pending - kswapd_marked : 0
claim "runs of kpaged by pressure: green (none), yellow, orange, red" "more orange than green" \
    kpaged_orange > kpaged_green && kpaged_green + kpaged_yellow + kpaged_orange + kpaged_red > 100 \
    "%d, %d, %d, %d", kpaged_green, kpaged_yellow, kpaged_orange, kpaged_red
# The patch foresees fewer stalls than the stock kernel has (linux240t.ch prints
# the same rows). They are fewer, but not many fewer: a process that finds no frame
# waits for kswapd instead of writing and freeing pages itself. But no process
# writes in a stall any more, and none is killed while there is swap.
source tools/experiments/kpaged-work.inc
claim "processes killed while there was swap" \
    "\"an allocation request cannot fail\": none" oom_kill == 0 \
    "%d", oom_kill

# From here on a process computes all along, so there is no idle time: no page is
# found to be old, and frames for a new process are taken from the process that has most.
send "while :; do :; done & idled -p 100000 0.1x > /dev/null & S=$!; idled -p 100000 0.3x > /dev/null & L=$!; idled -p 100000 0.2x > /dev/null & sleep 3; idle; echo si''zes: $S $! $L\n"
expect "idle: " 60s
expect "sizes: " 60s
hear small middle largest
expect "ok> " 10s
let j kswapd_overload
let runs kpaged_green + kpaged_yellow + kpaged_orange + kpaged_red
tcatch swap-add if event.owner == let.small || event.owner == let.middle || event.owner == let.largest
send "hog 0.5x 0 > /dev/null; idle; echo do''ne\n"
continue
let first event.owner
let added swap_cache_add
tcatch swap-add if event.owner == let.small || event.owner == let.middle
continue
let added swap_cache_add - let.added
claim "no idle time: which of three processes (1, 2, 3 tenths of RAM) loses a page first; pages that go until another of them loses one" \
    "\"swap out pages based on the RSS usage\": the largest; 100 or more" \
    let.first == let.largest && let.added >= 100 "that of %d tenths; %d pages", \
    let.first == let.small ? 1 : let.first == let.middle ? 2 : 3, let.added
expect "idle: " 60s
hear of idle
claim "meanwhile: idle time; runs of kpaged; taken by size (J)" \
    "\"not enough idle time ... overload\": none; none; J rises" \
    let.idle * 100 <= let.of && kswapd_overload > let.j && \
    kpaged_green + kpaged_yellow + kpaged_orange + kpaged_red - let.runs <= 2 \
    "%d of %d ms; %d; %d", let.idle * 10, let.of * 10, \
    kpaged_green + kpaged_yellow + kpaged_orange + kpaged_red - let.runs, kswapd_overload - let.j
expect "done" 60s
run-until lens.busy == 0
audit
