# options: --ram 8M --swap 64M --policy bsd43 --disk-model cheetah9lp,nobuffer --timing fast --set vm.page-cluster=0 --clock 100000000
# Beyond Denning's cliff (001-25; thrash.ch): "4.3BSD's swapper must restore the plateau, plain
# global LRU must not". Four, six, then eight processes run for two minutes; four fit. Pages are not
# evicted one by one: whole processes stop and are swapped out, and the processor works for the
# others, which fit. The rest of the time goes to swapping: every 20 s one process goes out and the
# pages of another come in; with eight, four are on their way in or out.
title "Behind the cliff: a swapper restores the plateau" "predicted"
console off
expect "# " 60s
send "PS1='o''k> '; t() { thrash -n $1-$1 -s 120 | tee /tmp/t; awk -v n=$1 '$1 == n { print \"plat\" \"eau:\", $6 }' /tmp/t; }\n"
expect "ok> " 10s
console on
send "t 4\n"
expect "plateau: " 400s
hear one share
claim "four processes, which fit: the processor's share for them" \
    "nearly all: over 0.95" let.one * 10000 + let.share > 9500 \
    "%d.%04d", let.one, let.share
expect "ok> " 10s
let out swapout
let in swapin
send "t 6\n"
expect "plateau: " 400s
hear one share
expect "ok> " 10s
claim "six: the processor's share" \
    "0.01 without a swapper (thrash.ch); it restores the plateau: over 0.4" \
    let.one * 10000 + let.share > 4000 "%d.%04d", let.one, let.share
claim "processes taken out whole, brought back" "they take turns" \
    swapout - let.out >= 4 && swapin - let.in >= 4 \
    "%d out, %d in", swapout - let.out, swapin - let.in
send "t 8\n"
expect "plateau: " 400s
hear one share
claim "eight" "0.01 without a swapper; half of the time four are in: over 0.25" \
    let.one * 10000 + let.share > 2500 "%d.%04d", let.one, let.share
expect "ok> " 10s
audit
