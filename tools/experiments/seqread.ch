# options: --ram 16M
# A file is read from end to end, twice by read(), then through a mapping. The
# first pass comes from disk; the pages stay in the page cache, and every later
# pass finds them there, by read() or through the mapping.
title "A file from end to end, twice"
console off
expect "# " 60s
console on
send "seqread /era/linux26/lib/libc.so.1 2; echo status $?\n"

# The file (772 KiB, in 4 KiB pages) has not been read before, so all of it comes
# from disk, with a few indirect blocks, which say where the file's blocks are.
expect "pass 1: 772 KiB" 30s
hear _ first disk
claim "772 KiB, the first time: from disk" "all of it, and its indirect blocks" \
    let.disk >= 772 && let.disk < 820 && pgpgin >= 772 \
    "%d KiB, at %d KiB/s", let.disk, let.first
expect "pass 2: 772 KiB" 10s
hear _ second disk
claim "the second time" "nothing: the cache has it; faster" \
    let.disk == 0 && let.second > 5 * let.first \
    "%d KiB, at %d KiB/s", let.disk, let.second
expect "status 0" 10s

# A mapping of the file costs page faults instead of copying, but has the very
# same frames. All faults are minor: none waits for the disk.
expect "# " 10s
send "seqread -m /era/linux26/lib/libc.so.1 1; echo status $?\n"
expect "pass 1: 772 KiB" 10s
hear _ speed disk
claim "through a mapping" "the very same frames: nothing from disk" \
    let.disk == 0 "%d KiB, at %d KiB/s", let.disk, let.speed
expect "status 0" 10s
expect "# " 10s

# The program writes a file itself, with a pattern that it checks. What was
# written is in the cache: reading it needs no disk.
send "seqread -c 2M /root/made 1; sync; echo status $?\n"
expect "pass 1: 2048 KiB" 30s
hear _ _ disk
claim "a file that was just written is read" "nothing from disk" let.disk == 0 \
    "%d KiB", let.disk
expect "status 0" 30s
claim "after sync: written to disk" "all of its 2048 KiB" pgpgout >= 2048 \
    "%d KiB", pgpgout

# When the cache has been emptied, the pages come from the disk, with the pattern that was written.
expect "# " 10s
send "echo 3 > /proc/sys/vm/drop_caches; seqread -k /root/made 1; echo status $?\n"
expect "pass 1: 2048 KiB" 30s
hear _ _ disk
expect "status " 10s
hear status
claim "the cache is emptied: from disk; what is read" "2048 KiB; the pattern" \
    let.disk >= 2048 && let.status == 0 "%d KiB; status %d", let.disk, let.status
expect "# " 10s
audit
