# options: --ram 16M
# The memory hog: half of RAM is written with a pattern, two children are
# forked, and everybody reads everything back.
title "Half of RAM, written and shared"
console off
expect "# " 60s
console on
send "hog 0.5x 2; echo status $?\n"

# While it runs: its first writes take cleared frames; after the forks every
# write to a page that is still shared copies that page, and only that one.
expect "forked 2, read all back: " 60s
hear wrong
expect "status 0" 10s
console off
claim "what three processes read back" "no page is wrong" let.wrong == 0 \
    "%d pages wrong", let.wrong

# Half of 15.4 MiB are some 1970 pages. Each was cleared once; a child wrote
# every eighth of them, so did its brother and the parent: three eighths were
# copied, but for those whose other owners had gone already.
claim "frames cleared for its 1969 pages" "one for each" \
    demand_zero >= 1960 && demand_zero < 2200 "%d frames", demand_zero
claim "pages copied, kept by their last owner" \
    "three eighths, 738, in all; the last of three owners copies nothing" \
    cow_copied >= 400 && cow_copied + cow_reused < 1200 \
    "%d copied, %d kept", cow_copied, cow_reused

# It has ended and given everything back: no anonymous memory is left but the
# shell's and init's own, and the tables agree with each other.
expect "# " 10s
claim "private memory that is left" "the shell's: under 60 frames" \
    vm.anonymous + vm.cow_shared < 60 "%d frames", vm.anonymous + vm.cow_shared
audit
