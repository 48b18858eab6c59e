# options: --ram 16M
# A tree of processes: each forks two children, five generations, 31 in all.
# Every one inherits 64 KiB from its parent, checks them, changes one page.
expect "# " 60s
send "forktree 4 2 64K; echo status $?\n"
expect "31 processes of 31" 60s
expect " 0 forks refused, 0 pages wrong" 10s
expect "status 0" 10s
assert forks >= 31

# 31 processes with 16 pages of data each would be 496 pages. Sharing makes it
# what they wrote: one page of the array each, and what a process needs to run.
assert cow_copied < 31 * 12
expect "# " 10s
assert vm.anonymous + vm.cow_shared < 60
audit
