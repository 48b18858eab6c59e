# options: --ram 8M --policy clock --set vm.page-cluster=0
# Reading a big file once pushes out pages in use (001-21). Two
# fifths of memory are used over and over, a file of 6 MB is read from end to
# end, and beside each page of it one of the used pages is used again.
#
# One hand cannot tell a page of a file that was read once from one that is in use: both have been
# used since it last passed. (Compare pollution-linux612.ch.) The number of used pages that it loses
# has a lower bound. Some 1850 frames hold programs and files, 760 of them the used pages. So in one
# revolution 1100 pages of the file come in, with as many uses of used pages: exp(-1100/760) of the
# used pages, a quarter, are not used during it. More are lost, because the hand makes one and a
# half revolutions, and each page that comes back takes a frame from another. A queue (fifo) loses
# all of them; the hand loses far fewer.
#
# The number depends on the hand's place when the work begins, that is, on the
# used pages that it reaches first. So the work runs five times, each time after
# programs of another length, which leave the hand elsewhere; the least and the most are shown.
#
# The share of frames rightly taken measures the policy's guesses (001-23). Some 760 pages are in
# use: an evicted page that is wanted again within 760 uses should have stayed.
title "One hand, and a file that is read once" "the FAQ (001-21, 001-23)"
console off
expect "# " 60s
send "PS1='o''k> '; seqread -c 6M /root/big 1 > /dev/null; sync\n"
expect "ok> " 60s
let looked 0
let stolen 0
let cleared 0
let least 9999
let most 0
let worst 100
let i 0
while let.i < 5
  let i let.i + 1
  send "N=$((N + 250)); dd if=/root/big of=/dev/null bs=4k count=$N 2> /dev/null; hog 0.8x 0 > /dev/null; echo 3 > /proc/sys/vm/drop_caches\n"
  expect "drop_caches" 20s
  expect "ok> " 60s
  let hand vm.hand0
  let looked let.looked - pgscan_kswapd - pgscan_direct
  let stolen let.stolen - pgsteal_kswapd - pgsteal_direct
  let cleared let.cleared - pgreferenced
  send "pollute 0.4x /root/big 1\n"
  expect "pollute: " 120s
  let looked let.looked + pgscan_kswapd + pgscan_direct
  let cleared let.cleared + pgreferenced
  let stolen let.stolen + pgsteal_kswapd + pgsteal_direct
  hear used during after taken wrong within right
  expect "ok> " 10s
  let lost let.during + let.after
  let least let.lost < let.least ? let.lost : let.least
  let most let.lost > let.most ? let.lost : let.most
  let worst let.right < let.worst ? let.right : let.worst
  figure "used pages lost; frames taken, and of these wanted again within 760 uses; where the hand began" \
      "run %d: %d; %d, %d; frame %d", let.i, let.lost, let.taken, let.wrong, let.hand
end
claim "frames that the hand passed" "it clears the mark of each, or takes it" \
    let.looked == let.cleared + let.stolen && let.cleared > let.used \
    "%d: %d marks cleared, %d taken", let.looked, let.cleared, let.stolen
claim "of the used pages, lost to a file that is read once: the least and the most of the five runs" \
    "reading much of a file displaces what is in use: a quarter at least, and less than nine tenths" \
    let.least * 4 > let.used && let.most * 10 < let.used * 9 \
    "%d, %d of %d pages", let.least, let.most, let.used
claim "frames taken that were not wanted again soon: the least share of the five runs" \
    "\"a heuristic\", it guesses: neither all, nor as few as a queue's 72%" \
    let.worst > 73 && let.worst < 95 "%d%%", let.worst
audit
