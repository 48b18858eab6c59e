# options: --ram 8M --policy clock --set vm.page-cluster=0
# Reading a big file once (001-21): does it push out what is in use? Two fifths
# of memory are used over and over, a file of 6 MB is read from end to end, and
# beside each page of it one of the used pages is used again.
#
# One hand cannot tell a page of a file that was read once from one that is in
# use: both have been used since it last passed. (Compare pollution-linux612.ch.)
# How many it loses can be reckoned: some 1850 frames are programs' and files',
# 770 of them the used pages, so a revolution takes 1100 pages of the file, and
# as many uses of used pages. exp(-1100/770), a quarter, are not used in one
# revolution; there is one and a half.
#
# How many frames were taken wrongly says how well the policy guesses (001-23):
# a page that is fetched again right after it was taken should have stayed.
title "One hand, and a file that is read once" "the FAQ (001-21, 001-23)"
console off
expect "# " 60s
send "seqread -c 6M /root/big 1 > /dev/null; sync; echo 3 > /proc/sys/vm/drop_caches\n"
expect "# " 60s
console on
let looked pgscan_kswapd + pgscan_direct
let taken pgsteal_kswapd + pgsteal_direct
let cleared pgreferenced
send "set -- $(pollute 0.4x /root/big 1); echo $*\n"
expect "pollute: " 120s
let looked pgscan_kswapd + pgscan_direct - let.looked
let cleared pgreferenced - let.cleared
let stolen pgsteal_kswapd + pgsteal_direct - let.taken
hear used during after taken wrong
expect "# " 10s
let lost let.during + let.after
claim "frames that the hand passed" "it clears the mark of each, or takes it" \
    let.looked == let.cleared + let.stolen && let.cleared > let.used \
    "%d: %d marks cleared, %d taken", let.looked, let.cleared, let.stolen
claim "of the used pages, lost to a file that is read once" \
    "reading much of a file displaces what is in use: a twentieth at least" \
    let.lost * 20 > let.used \
    "%d of %d pages", let.lost, let.used
figure "frames taken; of these wrongly (wanted again at once)" \
    "%d; %d%%", let.taken, let.wrong
audit
