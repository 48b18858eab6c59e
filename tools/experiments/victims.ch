# options: --ram 16M --swap 4M
# Three formulas choose the OOM killer's victim. The same processes run out of memory three times:
# an old daemon with 48 MB of address space of which it uses 1 MB; a young process (the bomb) with
# 30 children; root's program (the hog) that takes all there is.
#
#   2.4.0  counts address space; less for age and root     the daemon
#   2.6.9  adds half of the children's address space       a child of the bomb
#   6.12   counts the memory that its death frees          root's hog
#
# /proc/PID/oom_score shows the points beforehand; the log names the victim. The daemon is 17,000 s
# old. 2.6.9 divides its points by 2, the fourth root of its age: 17000000 (ticks of 1 ms) >> 20. 2.4.0
# divides them by 1: it counts the age as 12 (1700000 ticks >> 17), of which its rough fourth root is 1.
# It divides the points of root's hog by 16: they end as a sixteenth of the hog's pages.
title "Who has to die?" "the formulas"
console off
expect "# " 60s
console on
send "grep -e MemTotal -e SwapTotal /proc/meminfo; victims; echo status $?\n"
expect "MemTotal:" 10s
hear ram
expect "SwapTotal:" 10s
hear swap
expect "\n2.4.0 " 20000s
hear daemon bomb child hog
let old let.daemon
claim "2.4.0, points: daemon, bomb, its child, hog" \
    "the daemon has most: its address space counts, its age divides by 1" \
    let.daemon >= 48 * 256 && let.daemon < 48 * 256 + 300 && let.daemon > let.bomb && let.daemon > let.child && let.daemon > let.hog \
    "%d %d %d %d", let.daemon, let.bomb, let.child, let.hog
claim "... the hog's points; the pages of RAM and swap" \
    "a sixteenth of its pages, as it is root's; its pages fill most of RAM and swap" \
    let.hog * 16 < (let.ram + let.swap) / 4 && let.hog * 16 > (let.ram + let.swap) / 4 * 2 / 3 \
    "%d of %d pages", let.hog, (let.ram + let.swap) / 4
expect "\n2.6.9 " 20000s
hear daemon bomb child hog
# The bomb's points are its own size and, for each of 30 children, half the child's size plus 1.
claim "2.6.9, points" "the bomb has most: half of its children's size counts, too; a child dies for it" \
    let.bomb > let.daemon && let.bomb > let.hog && let.bomb == let.child + 30 * (let.child / 2 + 1) \
    "%d %d %d %d", let.daemon, let.bomb, let.child, let.hog
claim "... the daemon's points, of those in 2.4.0" "half, for its age" let.daemon == let.old / 2 \
    "%d of %d", let.daemon, let.old
expect "\n6.12 " 20000s
hear daemon bomb child hog
# 6.12 shows (1000 + the process's thousandths of RAM + swap) * 2 / 3.
let gives (let.daemon * 3 / 2 - 1000) * (let.ram + let.swap) / 4000
claim "6.12, points" "the hog has most: its death frees most memory" \
    let.hog > let.daemon && let.hog > let.bomb && let.hog > let.child \
    "%d %d %d %d", let.daemon, let.bomb, let.child, let.hog
expect "victims: " 60s
hear wrong of
expect "status 0" 10s
claim "... the daemon's 256 pages and its page tables (rounded to a thousandth of memory)" \
    "its 48 MB of address space count for nothing" let.gives > 256 - 10 && let.gives < 256 + 60 \
    "%d pages", let.gives
claim "killed: processes that are not the victim by the formula" \
    "none: \"different victims on the same table of processes\"" \
    let.wrong == 0 && let.of == 3 && oom_kill >= 3 "%d of %d", let.wrong, let.of
expect "# " 10s
audit
