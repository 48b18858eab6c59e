# options: --policy linux26 --ram 10M --swap 16M --timing fast --disk-model cheetah9lp,nobuffer --set vm.overcommit_memory=1 --set vm.page-cluster=0 --max-sim-time 300s
# "Mar 24 12:40:02 linux02 kernel: oom-killer ... Mar 24 12:40:17 linux02 kernel: Out of Memory:
# Killed process" (002-21). The kernel writes the report at once; the stamps of /var/log/messages
# are those of the logger, a program whose pages are in swap like all others. Here tail reads the
# kernel's log and hands each line to a shell, which has date write it with the time and syncs the
# disk after it, as syslogd did. Eight programs want more memory than there is; eight more want all
# there is, and are killed at least five seconds apart.
title "An out-of-memory report that takes seconds to be logged" "the slides (002-21)"
console off
expect "# " 60s
send "PS1='o''k> '\n"
expect "ok> " 10s
send "slowest() { awk -v f=\"$1\" -v l=\"$2\" '$0 ~ f { a = $1; k = 0 } { k++ } $0 ~ l && $1 - a >= m { m = $1 - a; n = k } END { print \"log: \" n \" lines in \" (m + 0) \" s\" }' /messages; }\n"
expect "ok> " 10s
send "tail -f /dev/kmsg | while read l; do date \"+%s $l\"; sync; done > /messages & sleep 2\n"
expect "ok> " 10s

# For comparison, log as many lines on a quiet machine. (002-21)
send "for i in first 1 2 3 4 5 6 7 8 9 10 11 12 last; do echo quiet-$i > /dev/kmsg; done; sleep 4; slowest quiet-first quiet-last\n"
expect "log: " 60s
hear lines seconds
claim "quiet system: lines logged; seconds between the first and the last" "no delay: 1 s at most" \
    let.lines == 14 && let.seconds <= 1 "%d; %d s", let.lines, let.seconds
expect "ok> " 10s

send "for i in 1 2 3 4 5 6 7 8; do idled -n 4000 -p 20 -a 1700K > /dev/null & done; sleep 3\n"
expect "ok> " 60s
send "(for i in 1 2 3 4 5 6 7 8; do /tests/pressure private 40000 > /dev/null & done; wait) & sleep 60\n"
expect "sleep 60" 10s
expect "[" 200s
hear s1 us1
expect " points\n[" 10s
hear s2 us2
claim "the kernel's own stamps, of the report's first line and its last" \
    "the kernel does not wait for the log" \
    (let.s2 - let.s1) * 1000000 + let.us2 - let.us1 < 1000 "%d us apart", \
    (let.s2 - let.s1) * 1000000 + let.us2 - let.us1
expect "ok> " 200s
send "slowest oom-killer Killed\n"
expect "log: " 60s
hear lines seconds
# With time slices of 10 ms for all processes alike the report took 2 to 34 s in the log; now the
# logger, when the disk wakes it, ends a thrasher's time slice at once (task/sched.c; 002-21).
claim -n "the report that took longest in the log: lines; seconds" \
    "15 s there, from 12:40:02 to 12:40:17" let.lines == 14 && let.seconds >= 2 "%d; %d s", \
    let.lines, let.seconds
assert let.seconds * 1s <= 1s
claim "processes killed" "more than one: the process killed in the slides was not the last" oom_kill > 1 \
    "%d", oom_kill
