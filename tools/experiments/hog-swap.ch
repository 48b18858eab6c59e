# options: --ram 16M --swap 64M
# The memory hog with three times as much as there is RAM. What is written
# goes to swap, and comes back when it is read: by the hog, and by its two
# children, which read everything and write a part. Nothing may be lost, mixed
# up, or seen by somebody whose it is not.
expect "# " 60s

# A function for the shell: with the page cache emptied, how much is free?
send "free_now() { echo 3 > /proc/sys/vm/drop_caches; sed -n 's/MemFree: *\\([0-9]*\\) kB/\\1/p' /proc/meminfo; }\n"
expect "# " 10s
send "free_now; before=$(free_now); hog 3x 2; echo status $?\n"

# Long before the end of the first writing nothing is free any more, and the
# pageout daemon is at work.
run-until pgscan_kswapd > 0
run-until pswpout > 0
audit

# From here on everything goes through swap, several times.
expect "forked 2, read all back: 0 pages wrong" 600s
expect "status 0" 10s
assert pswpout > 3 * 3800
assert pswpin > 3 * 3800

# Everything has been given back. (More than before can be free: the shell's
# own pages went out, too, and only those that it needs have come back.)
expect "# " 10s
audit
send "after=$(free_now); [ $after -ge $before ] && echo not''hing lost\n"
expect "nothing lost" 10s
expect "# " 10s
audit
