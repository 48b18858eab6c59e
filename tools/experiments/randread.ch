# options: --ram 16M
# A program reads pages of a file here and there. A disk arm must move for each page that is not in
# memory, which takes milliseconds; a page seen before takes microseconds.
title "Pages of a file, here and there"
console off
expect "# " 60s
console on
send "randread /era/linux26/lib/libc.so.1 400; echo status $?\n"

# The program makes 400 reads in 193 pages at random, then the same again, and compares the contents.
expect "first: 400 pages of 193" 60s
hear _ us kib
claim "400 reads of 193 pages, the first time: how long a read takes" \
    "a disk arm moves, but for pages seen before: a millisecond or more" \
    let.us > 1000 && let.us < 10000 "%d us, %d KiB from disk", let.us, let.kib
expect "again: 400 pages of 193" 60s
hear _ us kib
claim "again" "microseconds; nothing from disk" let.us < 100 && let.kib == 0 \
    "%d us, %d KiB", let.us, let.kib
expect "status 0" 10s

# Through a mapping, faults map the pages that are in memory; no disk is needed.
expect "# " 10s
send "randread -m /era/linux26/lib/libc.so.1 400; echo status $?\n"
expect "first: 400 pages of 193" 10s
hear _ us kib
claim "through a mapping" "faults, and no disk" let.us < 100 && let.kib == 0 \
    "%d us, %d KiB", let.us, let.kib
expect "status 0" 10s
expect "# " 10s
audit
