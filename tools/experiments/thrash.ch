# options: --ram 8M --swap 64M --disk-model cheetah9lp,nobuffer --set vm.page-cluster=0
# Thrashing (001-25; Denning, AFIPS FJCC 1968; experiments.md, E5). N processes
# go round and round through W pages each; four times W just fits. What share
# of the time does the processor work for them?
#
#   1 |----------.            N* = floor(M / W)
#     |          |
#     |          |            behind it: 1 / (1 + D)
#     |          '---------   D = time of a fault / time of the work at a page
#     +---------------------- N
#      1  2  3  4  5  6  7  8
#
# `thrash` says N* and 1/(1+D) beforehand, measures, and compares. The model is
# least-recently-used replacement, where behind the cliff every touch of a page
# is a fault (m = 1). A hand that spares what was used lets some process keep
# ahead of it at N = 5: m is counted, and Denning's formula with it holds.
expect "# " 60s
echo ==== N; said beforehand; m; D; 1/(1+mD); measured (Denning, E5: 1 up to N*, then
echo ==== 1/(1+D), within 10%)
send "thrash; echo status $?\n"
expect "N* = 4" 60s

# Four fit: the processor does nothing but their work, and the disk nothing.
expect "4  1.0000     0.000" 400s

# Five do not: 100% becomes 2%. The processor waits for the disk.
expect "thrash: 0 of 8 not as predicted, 0 pages wrong" 900s
expect "status 0" 10s
expect "# " 60s
audit
