# options: --ram 16M --swap 32M --policy linux612
# Free frames are waste (001-22), and what is not used is never loaded (001-24). A system starts
# with many free frames. Then its page cache fills them, until only those are left that the marks
# keep free. A program that wants memory gets the cache's frames, and no page goes to swap, because
# Linux 6.12 first evicts clean pages of files that were used once. When the program ends, its
# memory is free again.
title "Free memory is waste, and what is not used is not loaded" "the FAQ (001-22, 001-24)"
console off
expect "# " 60s
claim "after the start" "many frames are free: over half" vm.free * 2 > vm.frames \
    "%d of %d frames", vm.free, vm.frames
send "PS1='o''k> '\n"
expect "ok> " 10s

set vm.read_ahead_pages 0
send "ls -l /tests/glibc; echo 3 > /proc/sys/vm/drop_caches\n"
expect "ok> " 10s
let read ppgin
let faults pgfault
let majors pgmajfault
send "/tests/glibc\n"
expect "glibc: " 10s
expect "ok> " 10s
let hard pgmajfault - let.majors
let soft pgfault - let.faults - let.hard
claim "a program of some 100 pages runs, read-ahead off: read from its file" \
    "only the pages that it uses: under 85" \
    ppgin - let.read > 20 && ppgin - let.read < 85 \
    "%d pages", ppgin - let.read
claim "hard faults (they wait for the disk); soft ones, with those of the shell's fork" \
    "each kind is counted" \
    let.hard > 20 && let.soft > 20 \
    "%d hard, %d soft", let.hard, let.soft
let majors pgmajfault
let read ppgin
send "/tests/glibc\n"
expect "glibc: " 10s
expect "ok> " 10s
claim "it runs again" "its pages are still in memory: none is read" \
    pgmajfault == let.majors && ppgin == let.read \
    "%d hard faults, %d pages read", pgmajfault - let.majors, ppgin - let.read
set vm.read_ahead_pages 32

# The file is a hole, which takes no space on the disk: its pages are zeros, cached like any others.
send "read -r x t x < /proc/meminfo; truncate -s $((t * 2))K /root/f; seqread /root/f 1; echo sta''tus $?\n"
# The reader still lives when it says how fast it was: its own memory is not among the free frames.
expect " KiB/s" 100s
let files vm.file_clean + vm.file_dirty
let free vm.free
expect "status " 10s
hear failed
expect "ok> " 10s
claim "a file of twice the memory was read: frames of files" \
    "the cache fills memory: over two thirds" \
    !let.failed && let.files * 3 > vm.frames * 2 \
    "%d of %d frames", let.files, vm.frames
# kswapd looks at the mark between its passes (priorities), and each pass aims at `high` frames and
# counts them in batches of 32: so the last may begin just below the mark, and free that many more.
claim "free frames then; the marks min and high" \
    "few: free is waste. As many as the kernel's marks say, less than an eighth, however large the file" \
    let.free >= vm.min && let.free < 2 * vm.high + 32 && let.free * 8 < vm.frames \
    "%d frames; %d, %d", let.free, vm.min, vm.high
let swapped pswpout
send "hog 0.5x 0; echo status $?\n"
expect "hog: wrote" 60s
hear kib
expect "status 0" 60s
claim "a program wants half of memory: pages that go to swap" "none: files' frames go" \
    pswpout == let.swapped "%d pages", pswpout - let.swapped
expect "ok> " 10s
claim "it has ended: free frames; frames that it had" "all that it had are free again" vm.free >= let.kib / 4 \
    "%d; %d", vm.free, let.kib / 4
audit
