# options: --ram 8M --swap 32M --policy gnumach99 --timing fast
# The cure of 1999 for hosage.ch, on the same work: files may have half of the memory beyond the
# reserve; when they do, only the writer waits. (000-12)
#
# BEFORE and AFTER are measured in one run of one kernel: first its limit has its
# highest value, all memory beyond the reserve, which limits nothing; then its
# default. (The reserve is 50 frames here; in 1997 it was 15: hosage.ch.)
title "The hosage object, cured (1999)" "the letter and its cure (000-12)"
console off
expect "# " 60s
send "PS1='o''k> '; PATH=$PATH:/era/bin; K=/proc/sys/mach; L=2500; until echo $L > $K/external_limit; do L=$((L - 10)); done 2> /dev/null\n"
expect "ok> " 20s
source tools/experiments/hosage-cure.inc
let a0 let.a
let b0 let.b
let c0 let.c
let d0 let.d
let e0 let.e
let during0 let.during
let after0 let.after
let doubled0 let.doubled
let waits0 let.waits
let worst0 let.worst
claim "BEFORE, no limit, a file larger than memory is written: free frames, each 200 ms" \
    "below the reserve of 50, where only the kernel and the default pager get any" \
    let.a < 50 && let.b < 50 && let.c < 50 && let.d < 50 && let.e < 50 \
    "%d %d %d %d %d", let.a, let.b, let.c, let.d, let.e
send "echo 0 > $K/external_limit\n"
expect "ok> " 20s
source tools/experiments/hosage-cure.inc
claim "AFTER, with the limit: free frames, each 200 ms" "never below low" \
    let.a > vm.low && let.b > vm.low && let.c > vm.low && let.d > vm.low && let.e > vm.low \
    "%d %d %d %d %d (low: %d)", let.a, let.b, let.c, let.d, let.e, vm.low
claim "pages of files that count against the limit" "no more than it allows, and over half of that" \
    let.external <= let.limited + 1 && let.external * 2 > let.limited \
    "%d of %d", let.external, let.limited
claim "pages a second to the file while the writer runs, and when it has ended. Before; after" \
    "a crawl; no crawl: over half of the later rate" \
    let.during0 * 2 < let.after0 && let.during * 2 > let.after \
    "%d, %d; %d, %d", let.during0, let.after0, let.during, let.after
claim "waits of the file pager for a frame. Before; after" "some; none" \
    let.waits0 > 0 && let.waits == 0 "%d; %d", let.waits0, let.waits
# A process that wants little memory still waits: while the daemon cleans because
# of the limit, pages of programs gather at the head of the inactive queue, and a
# few are evicted (guest/kernel/policy/mach/gnumach99.c; tests/guest/mach.t).
claim "a process that wants little, beside the writer: its worst wait. Before; after" \
    "seconds; milliseconds" let.worst0 > 1000000 && let.worst < 10000 \
    "%.1f ms; %.1f ms", let.worst0, 1000, let.worst, 1000
# The change of 1999 does not cure double paging: the page of a message lies in a temporary object,
# and the daemon sends more pages in a second than the file pager writes; it meets the waiting pages
# again, and then sends them to the default pager.
let doubled1 let.doubled
send "L=2500; until echo $L > $K/external_target; do L=$((L - 10)); done 2> /dev/null; cat $K/external_target\n"
expect "ok> " 20s
source tools/experiments/hosage-cure.inc
claim -n "pages of the file, of 3200, that went to swap as well. Before; after" \
    "the symptom that the letter names: none after" \
    let.doubled1 == 0 "%d; %d", let.doubled0, let.doubled1
# The second half of the cure wakes the daemon early, once files have a quarter of the memory beyond
# the reserve. It gains nothing here: the limit alone does as well. (The early wake-up is needed
# where the default pager would wait for itself: tests/guest/mach.t.)
figure "the limit alone, without the early wake-up: pages that went to swap; pages a second to the file" \
    "%d; %d, %d", let.doubled, let.during, let.after
audit
