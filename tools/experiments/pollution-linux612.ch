# options: --ram 8M --policy linux612 --set vm.page-cluster=0
# Reading a big file once may push out pages in use (001-21). Two
# fifths of memory are used over and over, a file of 6 MB is read from end to
# end, and beside each page of it one of the used pages is used again.
#
# Linux keeps pages that were used twice on the active list, and takes pages from
# the inactive list first: the file's pages, used once, push out only each other.
# None of the used pages is lost. (Compare pollution.ch.)
#
# The share of frames rightly taken measures the policy's guesses (001-23). Some 760 pages are in
# use: an evicted page that is wanted again within 760 uses should have stayed.
title "Two lists, and a file that is read once" "the FAQ (001-21, 001-23)"
console off
expect "# " 60s
send "seqread -c 6M /root/big 1 > /dev/null; sync; echo 3 > /proc/sys/vm/drop_caches\n"
expect "# " 60s
console on
send "set -- $(pollute 0.4x /root/big 1); echo $*\n"
expect "pollute: " 120s
hear used during after taken wrong within right
expect "# " 10s
let lost let.during + let.after
claim -n "of the used pages, lost to a file that is read once" \
    "reading much of a file displaces what is in use" let.lost > 0 \
    "%d of %d pages", let.lost, let.used
claim "of the used pages, lost by Linux's two lists" \
    "(mm/vmscan.c) the file's pages push out only each other: none" let.lost == 0 \
    "%d of %d pages", let.lost, let.used
claim "frames taken; of these wanted again within 760 uses" \
    "the guess is right: one in a hundred at most" \
    let.taken > 500 && let.wrong * 100 <= let.taken "%d; %d", let.taken, let.wrong
audit
