# options: --ram 16M --swap 0
# "It zeroes a free physical page (or grabs a page from a pool of prezeroed
# pages)" (001-10): the same program runs without such a pool, then with one that
# is filled while no process runs. The script counts frames cleared in either way.
# Reads of a page not yet written find one frame of zeros that all share.
title "Zeroed pages: shared, on demand, or from a pool" "the FAQ (001-10)"
console off
expect "# " 60s
let m zero_mapped
send "/tests/all zero_frame\n"
expect "# " 10s
claim "100 pages are read that nobody has written: from the one frame of zeros" \
    "each of them; a read costs no frame" zero_mapped - let.m >= 100 && zero_mapped - let.m < 120 \
    "%d reads", zero_mapped - let.m
send "hog 8M 0; PS1='o''k> '\n"
expect "0 pages wrong" 10s
expect "ok> " 10s
run-for 200ms
let z demand_zero
let p prezeroed
mark a
send "hog 8M 0\n"
expect "0 pages wrong" 10s
let without cycle - mark.a
claim "8 MiB are written, without a pool: frames zeroed" \
    "\"it zeroes a free physical page\": 2048, on demand" \
    demand_zero - let.z >= 2048 && prezeroed == let.p \
    "%d, %d in advance", demand_zero - let.z, prezeroed - let.p
figure "time in all" "%.0f us", let.without, 1000
expect "ok> " 10s
set vm.prezero 2500
run-for 200ms
let z demand_zero
mark a
send "hog 8M 0\n"
expect "0 pages wrong" 10s
let with cycle - mark.a
claim "the same with vm.prezero=2500" \
    "\"grabs a page from a pool of prezeroed pages\": 2048" \
    demand_zero - let.z >= 2048 && prezeroed - let.p > 2040 \
    "%d, %d in advance", demand_zero - let.z, prezeroed - let.p
figure "time in all" "%.0f us", let.with, 1000
expect "ok> " 10s
claim "cycles saved for each page: 4 KiB are not cleared" "at least 256: half a cycle for 8 bytes" \
    let.without - let.with > 2048 * 256 \
    "%.0f cycles", let.without - let.with, 2048
audit
