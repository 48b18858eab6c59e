# options: --ram 16M --swap 4M
# Who has to die? (experiments.md, E10) The same processes, out of memory three
# times, by three formulas: an old daemon with 48 MB of address space of which
# it uses 1 MB; a young process with 30 children; root's program that takes all
# there is.
#
#   2.4.0  address space, less for age, root a sixteenth:  the daemon
#   2.6.9  half of its children's address space, too:      a child of the bomb
#   6.12   what its end gives back:                        root's hog
#
# /proc/PID/oom_score shows the points beforehand; the log says who it was.
title "Who has to die?" "E10"
console off
expect "# " 60s
console on
send "victims; echo status $?\n"
expect "\n2.4.0 " 20000s
hear daemon bomb child hog
claim "2.4.0, points: daemon, bomb, its child, hog" \
    "the daemon has most: address space counts, root's a sixteenth" \
    let.daemon > let.bomb && let.daemon > let.child && let.daemon > let.hog \
    "%d %d %d %d", let.daemon, let.bomb, let.child, let.hog
expect "\n2.6.9 " 20000s
hear daemon bomb child hog
claim "2.6.9, points" "the bomb has most: half of its children's, too; a child dies for it" \
    let.bomb > let.daemon && let.bomb > let.hog \
    "%d %d %d %d", let.daemon, let.bomb, let.child, let.hog
expect "\n6.12 " 20000s
hear daemon bomb child hog
claim "6.12, points" "the hog has most: what its end gives back" \
    let.hog > let.daemon && let.hog > let.bomb && let.hog > let.child \
    "%d %d %d %d", let.daemon, let.bomb, let.child, let.hog
expect "victims: " 60s
hear wrong of
expect "status 0" 10s
claim "killed: who was not the victim that E10 names" \
    "\"different victims on the same table of processes\": none" \
    let.wrong == 0 && let.of == 3 && oom_kill >= 3 "%d of %d", let.wrong, let.of
expect "# " 10s
audit
