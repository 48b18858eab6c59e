# options: --ram 8M --swap 64M --disk-model cheetah9lp,nobuffer --set vm.page-cluster=0
# Thrashing (001-25; Denning, AFIPS FJCC 1968). N processes go round and round through W pages each;
# four times W just fits. The figure is the share of the time in which the processor works for them.
#
#   1 |----------.            N* = floor(M / W)
#     |          |
#     |          |            beyond it: 1 / (1 + D)
#     |          '---------   D = time of a fault / time of the work at a page
#     +---------------------- N
#      1  2  3  4  5  6  7  8
#
# `thrash` predicts N* and 1/(1+D), measures, and compares. The model is least-recently-used
# replacement: beyond the cliff every touch of a page faults, so m, the faults a touch, is 1. A clock
# hand that spares used pages lets some process keep ahead of it now and then, at N = 5 above all. So m
# is counted, and Denning's formula with the counted m, 1/(1+mD), holds.
title "Thrashing: the cliff, and what is behind it" "Denning (1968)"
console off
expect "# " 60s
console on
send "thrash; echo status $?\n"
expect "N* = " 60s
hear fit
claim "N*, processes that fit, by their sizes" "floor(M / W) = 4" let.fit == 4 \
    "%d", let.fit

# Each row has: prediction, m, D, 1/(1+mD), measured; shares in 1/10000.
# Four fit: the processor does nothing but their work, and the disk nothing.
expect "\n4 " 400s
hear p pf m mf _ f ff one share
claim "N = 4: the processor's share for the processes; faults a touch" "1; none" \
    let.one * 10000 + let.share > 9000 && let.m == 0 && let.mf == 0 \
    "%d.%04d; %d.%03d", let.one, let.share, let.m, let.mf

# Five do not fit: the processor waits for the disk.
let looked pgscan_kswapd + pgscan_direct
let cleared pgreferenced
let stolen pgsteal_kswapd + pgsteal_direct
expect "\n5 " 900s
hear p pf m mf _ f ff one share
let formula let.f * 10000 + let.ff
claim "N = 5: the processor's share" "the cliff: a tenth at most" let.one == 0 && let.share < 1000 \
    "0.%04d", let.share
claim -n "N = 5, by 1/(1+D) (LRU: every touch a fault, m = 1)" "within 10%" \
    let.share * 10 > let.pf * 9 && let.share * 10 < let.pf * 11 \
    "0.%04d for 0.%04d: m is 0.%03d", let.share, let.pf, let.mf
claim "N = 5, by 1/(1+mD)" "within 10%" \
    let.share * 10 > let.formula * 9 && let.share * 10 < let.formula * 11 \
    "0.%04d for 0.%04d", let.share, let.formula
expect "\n6 " 900s
hear p pf m mf _ f ff one six
let bysix let.f * 10000 + let.ff
expect "\n7 " 900s
hear p pf m mf _ f ff one seven
let byseven let.f * 10000 + let.ff
expect "\n8 " 900s
hear p pf m mf _ f ff one eight
let byeight let.f * 10000 + let.ff
let each let.m * 1000 + let.mf
claim "N = 8: faults a touch" "1: with twice what fits nobody keeps ahead of the hand (0.95 at least)" \
    let.each >= 950 && let.each <= 1050 "%d.%03d", let.m, let.mf
# The hand clears the mark of each frame that it passes; if no mark is set, it
# takes the frame. (It does not take a frame that is being written.)
let looked pgscan_kswapd + pgscan_direct - let.looked
let cleared pgreferenced - let.cleared
let stolen pgsteal_kswapd + pgsteal_direct - let.stolen
claim "frames that the hand has passed since N = 4" "marks cleared, and frames taken" \
    let.looked >= let.cleared + let.stolen && (let.looked - let.cleared - let.stolen) * 50 < let.looked && let.cleared * 5 > let.looked \
    "%d: %d and %d", let.looked, let.cleared, let.stolen
claim -n "N = 6, 7, 8, by 1/(1+D)" "within 10%" \
    let.six * 10 > let.pf * 9 && let.six * 10 < let.pf * 11 && let.seven * 10 > let.pf * 9 && let.seven * 10 < let.pf * 11 && let.eight * 10 > let.pf * 9 && let.eight * 10 < let.pf * 11 \
    "0.%04d 0.%04d 0.%04d for 0.%04d", let.six, let.seven, let.eight, let.pf
claim "N = 6, 7, 8, by 1/(1+mD)" "within 10%" \
    let.six * 10 > let.bysix * 9 && let.six * 10 < let.bysix * 11 && let.seven * 10 > let.byseven * 9 && let.seven * 10 < let.byseven * 11 && let.eight * 10 > let.byeight * 9 && let.eight * 10 < let.byeight * 11 \
    "0.%04d 0.%04d 0.%04d for 0.%04d 0.%04d 0.%04d", let.six, let.seven, let.eight, let.bysix, let.byseven, let.byeight
expect "thrash: " 60s
hear wrong _ pages
expect "status " 10s
hear status
claim "what the processes found in their pages" "nothing wrong" \
    let.pages == 0 && let.status == 0 "%d pages wrong", let.pages
expect "# " 60s
audit
