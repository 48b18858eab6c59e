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
expect "# " 60s
echo ==== points of the daemon, the bomb, one of its children, the hog; who was
echo ==== killed (E10: "different victims on the same table of processes")
send "victims; echo status $?\n"
expect "(daemon)." 20000s
expect "(bomb-child)." 20000s
expect "(hog)." 20000s
expect "victims: 0 of 3 not as predicted" 60s
expect "status 0" 10s
assert oom_kill >= 3
expect "# " 10s
audit
