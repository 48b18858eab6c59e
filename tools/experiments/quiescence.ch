# options: --ram 8M
# The race to quiescence (001-34, 001-24): programs do a little work and block
# again. Four servers; each goes through all its pages once for a request, of
# which one comes every 200 ms. The working set is what was referenced since
# the last line; it is not what is resident.
title "The race to quiescence" "the FAQ (001-34)"
console off
expect "# " 60s
console on

# Four times 300 pages fit. Every request is done before the next comes. When
# no more come, the working set shrinks from 4.8 MB to what sleepers need, at
# once; everything stays resident.
send "quiesce 300; echo status $?\n"
expect "\n   1" 60s
hear _ _ _ working resident
expect "\n   4" 60s
expect "\n   4" 60s
hear _ _ _ idle still
expect "backlog at most" 60s
hear most wrong
expect "status 0" 10s
expect "# " 10s
claim "four servers of 300 pages, which fit: backlog at most" \
    "none: every request is done before the next" let.most == 0 && let.wrong == 0 \
    "%d requests", let.most
claim "the last line: the working set when no more requests come" \
    "\"settles down into an idle state\": under 200 KiB" let.idle < 200 \
    "%d KiB, from %d", let.idle, let.working
claim "what is resident" "stays: it is not the working set" let.still >= let.resident \
    "%d KiB, from %d", let.still, let.resident
claim "major faults" "hardly any" pgmajfault < 60 "%d", pgmajfault
let majors pgmajfault

# Four times 500 do not. Requests wait for the disk, others come meanwhile, all
# pages of all servers are wanted at the same time, which takes them from each
# other: a backlog builds that is worked off only when nothing new comes.
send "quiesce 500; echo status $?\n"
expect "backlog at most" 120s
hear most wrong
expect "status 0" 10s
expect "# " 10s
claim "four servers of 500 pages, which do not fit: backlog" \
    "\"a backlog of demands does ... emerge\": 10 at least" \
    let.most >= 10 && let.wrong == 0 "%d requests", let.most
claim "major faults" "they take each other's pages: over 500" \
    pgmajfault - let.majors > 500 "%d", pgmajfault - let.majors
audit
