# options: --ram 16M --swap 64M
# The memory hog writes three times the size of RAM. Its pages go to swap, and come back when they
# are read: by the hog, and by its two children, which read everything and write a part. No page may
# be lost, mixed up, or seen by a process that does not own it.
title "Three times RAM, through swap"
console off
expect "# " 60s

# free_now empties the page cache and sets $free to the free memory in KiB. (It
# starts no program, which would bring pages in again.)
send "free_now() { echo 3 > /proc/sys/vm/drop_caches; { read -r x; read -r x free x; } < /proc/meminfo; }\n"
expect "# " 10s

# A very small hog runs first, so that the shell has run all of its code once.
console on
send "hog 64K 2; free_now; free_now; before=$free; hog 3x 2; echo status $?\n"
expect "forked 2" 10s

# Long before the hog has written all its pages no frame is free any more, and
# the pageout daemon is at work.
run-until every 1ms pgscan_kswapd > 0
run-until every 1ms pswpout > 0
audit

# From here on everything goes through swap, several times.
expect "forked 2, read all back: " 600s
hear wrong
expect "status 0" 10s
console off
claim "what three processes read back" "no page is wrong" let.wrong == 0 \
    "%d pages wrong", let.wrong
claim "pages to swap" "more than three times RAM's 3846" \
    pswpout > 3 * 3800 "%d pages", pswpout
claim "pages from swap" "more than three times RAM's 3846" \
    pswpin > 3 * 3800 "%d pages", pswpin

# The hog has given everything back. (More can be free than before: the shell's
# pages went to swap, too, and only those that it needs have come back.)
expect "# " 10s
audit
send "free_now; echo KiB''s: $before $free\n"
expect "KiBs: " 10s
hear before after
expect "# " 10s
claim "memory that is free when all has ended" "as much as before" \
    let.after >= let.before \
    "%d KiB before, %d KiB after", let.before, let.after
audit
