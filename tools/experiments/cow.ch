# options: --ram 32M
# Copy-on-write, seen by pmap: the demonstration of the slides (seed 002).
#
# A program allocates 10 MiB, writes them, forks; the child, after a while,
# writes them too. `pmap -x` at the four moments tells the story in two
# columns: RSS, what is in memory, and Anon, what is the process's alone.
#
# 32 MiB of RAM, because at the end parent and child have 10 MiB each.
expect "# " 60s
echo ==== Kbytes, RSS, Anon (the slides: 11216 964 84; 11200 10320; 11200 36; 11200
echo ==== 10280)
send "/era/linux26/bin/cow; echo status $?\n"

# Allocated: the address space is there, 11216 KiB of it, but hardly any
# memory. Of the array's 2560 pages one has been touched, for malloc's sake.
expect "memory allocated but not touched" 10s
expect "total Kb     11216     964      84" 10s

# Touched: each page's first write took a frame and cleared it.
expect "memory touched" 10s
assert demand_zero >= 2560
expect "total Kb     11216   11200   10320" 10s

# Forked: in the child everything is in memory, and almost nothing is its
# own: 36 KiB are what it needs to run. No page of the array was copied.
expect "child has untouched cow pages" 10s
expect "total Kb     11216   11200      36" 10s
assert cow_copied < 200

# Written: each write to a shared page copied that one page, 2560 of them.
# (The parent's side of the bargain: it is the last owner now, and will copy
# nothing when it writes.)
expect "child writing to cow pages" 10s
expect "total Kb     11216   11200   10280" 10s
assert cow_copied >= 2560
assert cow_copied < 2760

# The parent has looked whether its own array is unchanged.
expect "status 0" 10s
expect "# " 10s
audit
