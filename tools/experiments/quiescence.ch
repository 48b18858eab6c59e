# options: --ram 8M
# In the race to quiescence (001-34, 001-24) programs do a little work and block again. Each of four
# servers gets a request every 200 ms, for which it goes through all its pages once. The working set
# is all pages referenced in 40 ms, the first or the last of those 200; it is not the resident set.
title "The race to quiescence" "the FAQ (001-34)"
console off
expect "# " 60s
console on

# Four times 300 pages fit. Every request is done before the next comes. While the servers wait for
# it, the working set is the few pages that sleepers need; everything stays resident. (001-34)
send "quiesce 300; echo status $?\n"
expect "\n   1" 60s
hear _ _ _ begins ends resident
expect "backlog at most" 60s
hear most wrong
expect "status 0" 10s
expect "# " 10s
claim "four servers of 300 pages, which fit: backlog at most" \
    "none: every request is done before the next" let.most == 0 && let.wrong == 0 \
    "%d requests", let.most
claim "the working set after a request has come; before the next comes" \
    "it shrinks as they block: to under 200 KiB" let.begins > 4000 && let.ends < 200 \
    "%d KiB; %d KiB", let.begins, let.ends
claim "what is resident then" "all: it is not the working set" let.resident >= let.begins \
    "%d KiB", let.resident
claim "major faults" "hardly any" pgmajfault < 60 "%d", pgmajfault
let majors pgmajfault

# Four times 600 pages do not fit. While a server waits for the disk, the next request comes, and
# the pages of all are wanted at the same time. (Chance, which differs with the RAM, decides if they
# then take pages from each other for long, or one server runs while three wait.) (001-34)
send "quiesce -r 10 600; echo status $?\n"
expect "     ms  done" 60s
mark asked
expect "\n   3" 60s
hear _ _ _ jammed _ _
expect "backlog at most" 200s
let took cycle - mark.asked
hear most wrong
expect "status 0" 10s
expect "# " 10s
claim "four servers of 600 pages, which do not fit: backlog of 40 requests" \
    "\"a backlog of demands does ... emerge\": 10 at least" \
    let.most >= 10 && let.wrong == 0 "%d requests", let.most
claim "requests that came within 2 s are done" "late: after 4 s and more" \
    let.took > 4s "after %.1f s", let.took, 1s
# A process that waits for the disk is blocked, too: a small working set alone
# does not tell a quiet system from one that thrashes. The backlog does.
figure "the working set meanwhile: as small, for a process that waits for the disk is blocked, too" \
    "%d KiB", let.jammed
figure "major faults, of 2400 pages" "%d", pgmajfault - let.majors
audit
