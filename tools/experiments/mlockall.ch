# options: --ram 16M --swap 32M
# "My system had an OOM with ~2GB free swap.. why?" (002-18) Because many
# processes had called mlockall(): their pages cannot be swapped, so that free
# swap is no use to them. Eight daemons of 2.2 MB each, in 16 MB.
expect "# " 60s
send "lockers 8 2200; echo status $?\n"
tcatch oom
continue
echo ==== out of memory with so many KiB of swap free, of (the slides: "~2GB free
echo ==== swap.. why?"); frames that mlockall holds, of all that there are; pages
echo ==== that went to swap
let locked unevictable_pgs_mlocked - unevictable_pgs_munlocked
print (vm.swap_total - vm.swap_used) * 4
print vm.swap_total * 4
print let.locked
print vm.frames
print pswpout
assert vm.swap_used * 100 < vm.swap_total
assert let.locked * 10 > vm.frames * 8

# Nothing can leave: the hands go round and round and find no page that they
# may take. Then somebody has to die, with nearly all of swap free.
expect "oom-killer: " 60s
expect "all_unreclaimable? yes" 5s
expect "Free swap: 32" 5s

# Linux 2.6.9's report said nothing about locked pages, and so left its readers
# to wonder. Ours has one line more.
expect " pages mlocked" 5s
expect "Out of Memory: Killed process" 5s
expect "(locker)." 5s
expect "lockers: " 60s
assert oom_kill >= 1
assert pswpout < 200
expect " 0 pages wrong" 5s
expect "status 0" 10s
expect "# " 10s
audit
