# options: --ram 16M
# A compiler at work, eight times, two at once: processes come and go, read a
# source, build a tree in their heaps, write a temporary file that another
# process reads. What real work asks of memory: everything at once, none of it
# for long.
expect "# " 60s
send "ccmix 8; echo status $?\n"
expect "8 units of" 60s
expect " 0 pages wrong, status 0" 10s
expect "status 0" 10s

# A compiler and an assembler for each unit.
assert forks >= 16
# A heap of 1/16 of RAM each, cleared page by page as the tree grew.
assert demand_zero >= 8 * 240

# Nothing is left: no heap, and no temporary file in /tmp, which is in memory.
expect "# " 10s
assert vm.anonymous + vm.cow_shared < 60
assert vm.shared_memory == 0

# Once more with the temporary files on the disk. They live so shortly that
# hardly any is written there before it is removed.
send "ccmix -d /root 4; echo status $?\n"
expect "4 units of" 60s
expect " 0 pages wrong, status 0" 10s
expect "# " 10s
send "ls /root | grep -vc README; sync\n"
expect "0" 10s
expect "# " 10s
audit
