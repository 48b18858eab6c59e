# options: --policy sunos --ram 64M --max-sim-time 1200s
# The script measures fsflush in its old form and in Solaris 10's. Its processor
# time falls as 1 / autoup; each modified page reaches the disk within autoup
# seconds and one tick, whether memory is needed or not. (003-17)
title "fsflush: its price, and what it guarantees" "the article (003-17)"
source tools/experiments/fsflush.inc

send "cost 240\n"
expect "cost: " 400s
hear us30
expect "ok> " 10s
set sunos.autoup 60
send "cost 240\n"
expect "cost: " 400s
hear us60
expect "ok> " 10s
set sunos.autoup 120
send "cost 240\n"
expect "cost: " 400s
hear us120
expect "ok> " 10s
figure "its processor time in 240 s, autoup 30 (the default)" "%d us", let.us30
let half let.us30 * 100 / let.us60
claim "autoup 60" "raising autoup reduces it proportionately: to a half" \
    let.half > 180 && let.half < 220 \
    "%d us, 1/%.2f", let.us60, let.us30, let.us60
let half let.us60 * 100 / let.us120
claim "autoup 120" "and again" let.half > 175 && let.half < 225 \
    "%d us, 1/%.2f", let.us120, let.us60, let.us120

set sunos.autoup 30
set sunos.fsflush10 1
send "cost 240\n"
expect "cost: " 400s
hear ten
# The new form examines the same frames, but does less work at each page of a
# file: only that work is saved, not the examining. (003-17)
claim "Solaris 10's form, autoup 30, in 64 MiB with a file of 6 MB" "it is cheaper: a tenth to a half is gained" \
    let.ten * 10 < let.us30 * 9 && let.ten * 2 > let.us30 \
    "%d us: %d%% less", let.ten, 100 - (100 * let.ten + let.us30 / 2) / let.us30
expect "ok> " 10s

# Measure the time from a page's modification to its write-back.
set sunos.fsflush10 0
tcatch file-write
send "echo first > /root/one\n"
continue
let page event.pfn
mark dirty
tcatch write-back if event.pfn == let.page
continue
let took cycle - mark.dirty
claim "autoup 30: a modified page is written after" \
    "autoup and a tick of 5 s at most: 35 s" let.took <= 35s \
    "%.1f s", let.took, 1s
expect "ok> " 10s

# Measure another page, elsewhere in fsflush's revolution, with autoup 10.
set sunos.autoup 10
send "sleep 7\n"
expect "ok> " 20s
tcatch file-write
send "echo second > /root/two\n"
continue
let page event.pfn
mark dirty
tcatch write-back if event.pfn == let.page
continue
let took cycle - mark.dirty
claim "autoup 10: another page, modified 7 s later in fsflush's round, is written after" \
    "10 s and a tick at most: 15 s" let.took <= 15s \
    "%.1f s", let.took, 1s
why let.page
