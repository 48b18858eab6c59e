# options: --ram 32M
# What copy-on-write saves (002-20, 002-12, 001-16; experiments.md, E8): the
# same forks with vm.fork=0, which copies every private page at once as Unix
# did before there was paging, and with vm.fork=1, which copies none. In both
# the time grows with the pages that are mapped; but a page that is shared
# costs a PTE and a count, one that is copied 4 KiB to be read and written.
expect "# " 60s
echo ==== vm.fork; pages; us; frames taken; copied at once; copied when written (E8:
echo ==== linear in mapped PTEs, not in bytes changed; the slides: only what is
echo ==== written is copied)
send "forkcost; echo status $?\n"
expect "copy      2048" 60s
expect "cow       2048" 60s
expect "forkcost: 0 not as predicted" 60s
expect "status 0" 10s
expect "# " 10s
audit

# The child writes an eighth of its pages; only these are copied.
assert cow_copied >= (32 + 64 + 128 + 256)
assert cow_copied < (32 + 64 + 128 + 256) + 100
assert fork_copied >= 256 + 512 + 1024 + 2048

# fork + exec, which is what nearly all forks are for: what was copied is
# thrown away unread. A shell of some 60 private pages, ten times.
send "echo 0 > /proc/sys/vm/fork; for i in 1 2 3 4 5 6 7 8 9 10; do /bin/true; done; echo copied\n"
expect "copied" 10s
expect "# " 10s
send "echo 1 > /proc/sys/vm/fork; for i in 1 2 3 4 5 6 7 8 9 10; do /bin/true; done; echo shared\n"
expect "shared" 10s
expect "# " 10s
assert fork_copied > 256 + 512 + 1024 + 2048 + 10 * 10
audit
