# options: --ram 16M
# An idle daemon: 1/16 of RAM, written once, of which one page is looked at
# ten times a second. It costs next to nothing while it runs - except memory.
expect "# " 60s
send "idled -p 100 & sleep 1\n"
expect "# " 5s

# A second later it has woken nine or ten times. Its other pages have not been
# looked at since they were written: `page PFN` of one of them says when.
info ps
send "kill %1; wait; echo waited\n"

# SIGTERM ends its sleep. It reads all its memory back, and goes.
expect "idled: woke " 10s
expect " 0 pages wrong" 10s
expect "waited" 10s
expect "# " 10s
assert vm.anonymous + vm.cow_shared < 60
audit
