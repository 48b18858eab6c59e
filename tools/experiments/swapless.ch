# options: --ram 8M --swap 32M
# No swap is no cure against paging (001-26, 001-12): the pages of programs and
# files are still taken when memory is short - they are all that can be - and
# come back from their files. A daemon that sleeps holds most of memory; beside
# it a program goes through a mapped file of 772 KiB six times.
expect "# " 60s
send "idled -p 100000 6000K & sleep 1\n"
expect "# " 20s

# With swap the daemon's memory leaves, which nobody looks at. The file is read
# from disk once; then it stays.
send "seqread -m /era/linux26/lib/libc.so.1 6\n"
expect "pass 6: 772 KiB" 60s
expect " 0 KiB of it from disk" 5s
assert pswpout > 100
expect "# " 10s

# Without swap the daemon's memory is pinned: only the file's own pages can go,
# the text of the programs, the shell. Every pass must read the file again.
send "kill %1; wait; swapoff /dev/vdb; echo 3 > /proc/sys/vm/drop_caches; idled -p 100000 6000K & sleep 1\n"
expect "# " 20s
send "set -- $(sed -n 's/^pgmajfault //p' /proc/vmstat); seqread -m /era/linux26/lib/libc.so.1 6; set -- $1 $(sed -n 's/^pgmajfault //p' /proc/vmstat); echo majors: $(($2 - $1))\n"
expect "pass 6: 772 KiB" 300s
expect "KiB of it from disk" 5s
expect "majors: " 20s
expect "# " 10s
send "[ $(($2 - $1)) -gt 60 ] && echo text'' thrashes\n"
expect "text thrashes" 10s
expect "# " 10s
audit
