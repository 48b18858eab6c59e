# options: --ram 8M --swap 32M --policy linux240t --timing fast
# The stock kernel of document 004 at the work of kpaged.ch: kswapd finds old pages and frees them
# in one step, and an allocating process does the same itself. (004-2, 004-3, 004-6, 004-14)
title "The stock kernel at the work of kpaged.ch" "the patch (004)"
console off
expect "# " 60s
send "PS1='o''k> '; PATH=$PATH:/era/bin\n"
expect "ok> " 10s

# Only an idle daemon runs, with 5 MiB: the kernel has time to find out which
# pages are old. (004-14)
send "idled 5M &\n"
expect "ok> " 10s
run-for 30s
console on
echo ==== SysRq-M, idle
source tools/experiments/sysrq-m.inc

# Another process needs a little memory now and then. It gets the idle daemon's frames.
mark begun
send "for i in 1 2 3; do hog 2M 0 > /dev/null; sleep 3; done; echo do''ne\n"
expect "done" 60s
expect "ok> " 10s
echo ==== SysRq-M, a little at a time
source tools/experiments/sysrq-m.inc
claim "a little at a time: pages that processes swapped out themselves" \
    "they do; under the patch none" pswpout > kswapd_marked \
    "%d pages", pswpout - kswapd_marked

# Three processes use twice as much memory as there is. (004-14)
send "hog 6M 1 > /dev/null & hog 6M 1 > /dev/null & hog 4M 1 > /dev/null; kill %1; wait; echo do''ne\n"
run-for 5s
source tools/experiments/sysrq-m.inc
run-for 5s
source tools/experiments/sysrq-m.inc
expect "0 pages wrong" 300s
expect "done" 300s
expect "ok> " 10s
echo ==== SysRq-M, overload
source tools/experiments/sysrq-m.inc
claim "overload: pages that processes swapped out" "many" \
    pswpout > kswapd_marked + 500 "%d pages", pswpout - kswapd_marked
source tools/experiments/kpaged-work.inc
source tools/experiments/busy.inc
audit
