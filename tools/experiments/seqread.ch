# options: --ram 16M
# Reading a file from end to end, twice: by read(), then through a mapping.
# The first pass comes from disk; the pages stay in the page cache, and every
# later pass finds them there, whichever way it goes.
expect "# " 60s
send "seqread /era/linux26/lib/libc.so.1 2; echo status $?\n"

# 772 KiB in 4 KiB pages. Nobody has read that file before, so all of it comes
# from disk, and a few blocks more that say where its blocks are.
expect "pass 1: 772 KiB" 30s
expect "KiB of it from disk" 10s
assert pgpgin >= 772
expect "pass 2: 772 KiB" 10s
expect " 0 KiB of it from disk" 10s
expect "status 0" 10s

# The same file through a mapping: page faults instead of copying, but the
# very same frames. All faults are minor: none waits for the disk.
expect "# " 10s
send "seqread -m /era/linux26/lib/libc.so.1 1; echo status $?\n"
expect "pass 1: 772 KiB" 10s
expect " 0 KiB of it from disk" 10s
expect "status 0" 10s
expect "# " 10s

# A file that the program writes itself, with a pattern that it checks. What
# was written is in the cache: reading it needs no disk.
send "seqread -c 2M /root/made 1; sync; echo status $?\n"
expect "pass 1: 2048 KiB" 30s
expect " 0 KiB of it from disk" 10s
expect "status 0" 30s
assert pgpgout >= 2048

# Only when the cache has been emptied must the disk be asked; and it says what
# it was told.
expect "# " 10s
send "echo 3 > /proc/sys/vm/drop_caches; seqread -k /root/made 1; echo status $?\n"
expect "pass 1: 2048 KiB" 30s
expect "status 0" 10s
assert pgpgin >= 772 + 2048
expect "# " 10s
audit
