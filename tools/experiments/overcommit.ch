# options: --ram 16M --swap 3M
# Overcommit (002-13, 002-19, 001-29): the sum of what programs are promised is
# normally more than there is. vm.overcommit_memory says how much more:
#   0  whatever could fit into RAM and swap if nothing else were there
#   1  anything
#   2  what is there: RAM * vm.overcommit_ratio % + swap, and not a page more
# `promise` asks for memory in four ways in each mode, then uses what it got.
# Beside what happens it prints what Linux's rules say beforehand.
#
# The price of a promise that was not kept: malloc and fork have succeeded, and
# it is the *use* that kills. In mode 2 nobody is ever killed; but a process of
# 60% of RAM cannot fork, although its child would never have written to it.
expect "# " 60s
echo ==== mode; request; Linux's rules; what came of it (E10: mode 2 fails at exactly
echo ==== CommitLimit = RAM * ratio / 100 + swap, less the reserves; no kill ever)
send "promise; echo status $?\n"
expect "predicted" 10s

# Mode 0: a single request that could never fit is refused, unless it says
# MAP_NORESERVE. Small ones are granted without end, and one day somebody dies.
expect "0     RAM + swap" 10s
expect "2     RAM + swap" 120s
assert oom_kill == 4

# Mode 2: up to CommitLimit to the megabyte (/proc/meminfo has it), no kill.
expect "promise: 0 of 21 not as predicted" 60s
expect "status 0" 10s
assert oom_kill == 4
expect "# " 10s
audit
