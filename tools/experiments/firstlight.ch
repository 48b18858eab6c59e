# First light: a program is paged in on demand, writes memory, forks and breaks
# copy-on-write; then the prompt is yours.
title "First light"
console off
expect "# " 60s
console on
let zero demand_zero
let copied cow_copied
let reused cow_reused
send "firstlight\n"
# The program writes 192 pages, and needs some for itself.
expect "3. 96 pages" 120s
claim "192 pages are written for the first time: frames cleared" \
    "a frame for each" demand_zero - let.zero >= 192 \
    "%d frames", demand_zero - let.zero
expect "6. The child" 120s
claim "the child writes 48 of them: frames copied" \
    "48, and a few that both need to run" \
    cow_copied - let.copied >= 48 && cow_copied - let.copied < 70 \
    "%d frames", cow_copied - let.copied
expect "That is all" 120s
claim "the parent writes all: kept by their last owner" "192, uncopied" \
    cow_reused - let.reused >= 192 "%d frames", cow_reused - let.reused
