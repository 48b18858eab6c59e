# options: --ram 32M
# Copy-on-write, seen by pmap: the demonstration of the slides (document 002).
#
# A program allocates 10 MiB, writes them, forks; the child, after a while,
# writes them too. `pmap -x` runs at four moments; two of its columns change:
# RSS, the memory in use, and Anon, the process's own.
#
# The machine has 32 MiB, because at the end parent and child have 10 MiB each.
title "Copy-on-write, seen by pmap" "the slides (002)"
console off
expect "# " 60s
console on
send "/era/linux26/bin/cow; echo status $?\n"

# Allocated: the address space is there, 11216 KiB of it, but hardly any
# memory. Of the array's 2560 pages one has been touched, by malloc itself.
expect "memory allocated but not touched" 10s
expect "total Kb" 10s
hear size rss anon
let cleared demand_zero
claim "allocated, not touched: Kbytes, RSS, Anon" "11216 964 84" \
    let.size == 11216 && let.rss == 964 && let.anon == 84 \
    "%d %d %d KiB", let.size, let.rss, let.anon

# Touched: each page's first write took a frame and cleared it.
expect "memory touched" 10s
let cleared demand_zero - let.cleared
let copied cow_copied
expect "total Kb" 10s
hear size rss anon
claim "touched: RSS, Anon" "11200 10320" let.rss == 11200 && let.anon == 10320 \
    "%d %d KiB", let.rss, let.anon
# RSS rose from 964 to 11200 KiB, by 2559 pages. (pmap, which runs in between,
# clears some frames for itself.)
claim "10 MiB touched: frames cleared" "one for each of 2559 pages, and those that pmap itself needs" \
    let.cleared >= 2559 && let.cleared < 2559 + 20 "%d frames", let.cleared

# Forked: in the child everything is in memory, and almost nothing is its own:
# 36 KiB, which it needs to run. No page of the array was copied.
expect "child has untouched cow pages" 10s
expect "total Kb" 10s
hear size rss anon
let shared cow_copied
claim "forked, in the child: RSS, Anon" "11200 36" \
    let.rss == 11200 && let.anon == 36 "%d %d KiB", let.rss, let.anon
# 36 KiB are nine pages. pmap has run twice, each time with its own copies.
claim "pages copied by the fork" "none of the array's 2560: only the child's own 9 (36 KiB), and those of pmap" \
    let.shared - let.copied >= 9 && let.shared - let.copied < 9 + 20 \
    "%d pages", let.shared - let.copied

# Written: the first write to each shared page copied it, the array's 2560 and one of libc's data.
# (firstlight.ch shows that the last owner copies nothing.)
expect "child writing to cow pages" 10s
expect "total Kb" 10s
hear size rss anon
claim "the child has written: RSS, Anon" "11200 10280" \
    let.rss == 11200 && let.anon == 10280 "%d %d KiB", let.rss, let.anon
# 10280 KiB are 2570 pages of its own: the 9 that it had, the array's 2560, one of libc's.
claim "pages copied since" "one for each page that is written: 2561, and those of pmap" \
    cow_copied - let.shared >= 2561 && cow_copied - let.shared < 2561 + 20 \
    "%d pages", cow_copied - let.shared

# The parent has checked that its own array is unchanged.
expect "status " 10s
hear status
claim "the parent's array" "as it was" let.status == 0 \
    "the program's status: %d", let.status
expect "# " 10s
audit
