# options: --ram 16M
# The memory hog: half of RAM is written with a pattern, two children are
# forked, and everybody reads everything back.
expect "# " 60s
send "hog 0.5x 2; echo status $?\n"

# While it runs: its first writes take cleared frames; after the forks every
# write to a page that is still shared copies that page, and only that one.
expect "forked 2, read all back: 0 pages wrong" 60s
expect "status 0" 10s

# Half of 15.4 MiB are some 1970 pages. Each was cleared once; a child wrote
# every eighth of them, so did its brother and the parent: three eighths were
# copied, but for those whose other owners had gone already.
assert demand_zero >= 1900
assert cow_copied >= 400
assert cow_copied + cow_reused < 1200

# It has ended and given everything back: no anonymous memory is left but the
# shell's and init's own, and the tables agree with each other.
expect "# " 10s
assert vm.anonymous + vm.cow_shared < 60
audit
