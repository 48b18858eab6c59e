# options: --ram 8M
# The race to quiescence (001-34, 001-24): programs do a little work and block
# again. Four servers; each goes through all its pages once for a request, of
# which one comes every 200 ms. The working set is what was referenced since
# the last line; it is not what is resident.
expect "# " 60s

# Four times 300 pages fit. Every request is done before the next comes. When
# no more come, the working set shrinks from 4.8 MB to what sleepers need, at
# once; everything stays resident.
echo ==== ms; requests done; backlog; working set, KiB; resident, KiB (the FAQ:
echo ==== "settles down into an idle state waiting for the next thing to do")
send "quiesce 300; echo status $?\n"
expect "backlog at most 0, 0 pages wrong" 60s
expect "status 0" 10s
expect "# " 10s
assert pgmajfault < 60

# Four times 500 do not. Requests wait for the disk, others come meanwhile, all
# pages of all servers are wanted at the same time, which takes them from each
# other: a backlog builds that is worked off only when nothing new comes.
echo ==== the same with 500 pages each (the FAQ: "a backlog of demands does ...
echo ==== emerge as it fails to service them")
send "quiesce 500; echo status $?\n"
expect "backlog at most" 120s
expect "status 0" 10s
expect "# " 10s
assert pgmajfault > 500
audit
