# options: --ram 8M --swap 32M
# No swap is no cure against paging (001-26, 001-12): when memory is short, the pages of programs
# and files are still taken - no others can be - and come back from their files. A daemon that
# sleeps holds all but 1840 KiB of the memory that there is; beside it a program goes through a
# mapped file of 772 KiB six times.
title "No swap is no cure against paging" "the FAQ (001-26, 001-12, 001-28)"
console off
expect "# " 60s
send "PS1='o''k> '; read -r x D x < /proc/meminfo; D=$((D - 1840)); v() { for i in 1 2; do ls -l /bin; sort -r /etc/passwd; md5sum /etc/passwd; /era/linux26/bin/ps -e; vi --help; awk 'BEGIN { print 1 }'; done > /dev/null 2>&1; }\n"
expect "ok> " 20s
send "idled -p 100000 ${D}K & sleep 1\n"
expect "ok> " 20s

# With swap the daemon's memory, which is not used, goes there. The file is read
# from disk once; then it stays.
console on
let read ppgin
send "seqread -m /era/linux26/lib/libc.so.1 6\n"
expect "pass 1: 772 KiB" 60s
hear _ _ first
expect "pass 6: 772 KiB" 60s
hear _ _ sixth
expect "ok> " 10s
claim "with swap, a file of 772 KiB: read from disk the first time, the sixth" \
    "it stays: the daemon's memory can leave" let.first > 700 && let.sixth == 0 \
    "%d KiB, %d KiB", let.first, let.sixth
send "v\n"
expect "ok> " 20s
let text execpgin
mark a
send "v\n"
expect "ok> " 20s
let quick (cycle - mark.a) / 1000000
claim "programs that run in turns: their pages read again" "hardly any" \
    execpgin - let.text < 10 "%d pages, in %d ms", execpgin - let.text, let.quick
claim "pages to swap by then" "the daemon's: over 100" pswpout > 100 \
    "%d pages", pswpout

# Without swap the daemon's memory is pinned. Only pages of files can go: the mapped file's
# and the text of programs, the shell's too. Every pass must read the file again. (001-26)
send "kill %1; wait; swapoff /dev/vdb; echo 3 > /proc/sys/vm/drop_caches; idled -p 100000 ${D}K & sleep 1\n"
expect "ok> " 20s
let majors pgmajfault
send "seqread -m /era/linux26/lib/libc.so.1 6\n"
expect "pass 6: 772 KiB" 300s
hear _ _ sixth
expect "ok> " 20s
claim "without swap: the sixth pass" "read from the disk again" let.sixth > 0 \
    "%d KiB, %d waits in all", let.sixth, pgmajfault - let.majors
send "v\n"
expect "ok> " 100s
let text execpgin
let swapped pswpout
mark a
send "v\n"
expect "ok> " 100s
let slow (cycle - mark.a) / 1ms
claim "the same programs: pages read again" "the text of programs is taken: over 300" \
    execpgin - let.text > 300 "%d pages", execpgin - let.text
claim "the daemon" "lives, and holds all but 1840 KiB" oom_kill == 0 \
    "%d processes were killed", oom_kill
claim "pages to swap" "none: there is no swap" pswpout == let.swapped \
    "%d pages", pswpout - let.swapped
claim "the time that the programs took" "paging all the same: over 20 times as long" \
    let.slow > 20 * let.quick "%.1f s: %.0f times", let.slow, 1000, let.slow, let.quick
claim -n "... on normally instantaneous responses" "\"five or ten minute latency\"" \
    let.slow >= 300000 "%.1f s", let.slow, 1000
audit
