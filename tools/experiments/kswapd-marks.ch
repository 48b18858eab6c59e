# options: --ram 8M --swap 32M --policy linux240t --timing fast --max-sim-time 60s
# "The system keeps the available memory between two water marks. The low limit
# activates the swap while the high limit forces it to stop ... when the swap
# mechanism is activated, it never ends until the system shutdowns"; and it may
# well be that nothing is written, only clean pages removed. (004-2, -3)
title "kswapd between its two marks" "the patch (004-2, -3)"
console off
expect "# " 60s
send "PS1='o''k> '; PATH=$PATH:/era/bin\n"
expect "ok> " 10s
send "seqread -c 12M /root/f 1 > /dev/null; sync; echo 3 > /proc/sys/vm/drop_caches\n"
expect "ok> " 30s
# The kernel has computed these marks from the memory at boot.
let low vm.low
let high vm.high
claim "the low mark, the high mark" \
    "by the memory at boot; \"a small gap\": a 128th of it (2.4.0)" \
    let.high - let.low == vm.frames / 128 && let.low == 2 * (let.high - let.low) \
    "%d, %d of %d frames", let.low, let.high, vm.frames
let written pgpgout
let swapped pswpout
let woken pageoutrun
let freed pgsteal_kswapd
# Read twice a file that is one and a half times as large as memory.
send "seqread -k /root/f 2; echo do''ne\n"
let round 0
source tools/experiments/kswapd-marks.inc
source tools/experiments/kswapd-marks.inc
source tools/experiments/kswapd-marks.inc
# Find the most free frames until 4000 pages have been freed; by then the file
# has been read nearly twice. (A frame counts as free just after its reclaim event.)
let top 0
while pgsteal_kswapd - let.freed < 4000
  tcatch reclaim if vm.free + 1 > let.top || pgsteal_kswapd - let.freed >= 4000
  continue
  let top vm.free + 1 > let.top ? vm.free + 1 : let.top
end
claim "the most frames that were ever free meanwhile" \
    "\"the high limit forces it to stop\": a try of 8 pages beyond, no more" \
    let.top >= let.high && let.top <= let.high + 8 "%d", let.top
expect "done" 50s
expect "ok> " 10s
# The few pages that go to swap are those that init and the shell have not used for long.
figure "rounds; pages freed" "%d; %d", pageoutrun - let.woken, pgsteal_kswapd - let.freed
claim "pages that kswapd frees in a round" "a few each: round after round" \
    pageoutrun - let.woken > 100 && pgsteal_kswapd - let.freed > 3000 \
    "%.0f pages a round", pgsteal_kswapd - let.freed, pageoutrun - let.woken
claim "pages written to swap meanwhile" \
    "it may well be that none is, only clean pages removed: under 1 in 100" \
    (pswpout - let.swapped) * 100 < pgsteal_kswapd - let.freed \
    "%d pages", pswpout - let.swapped
claim "written to any other disk" "nothing" \
    pgpgout - let.written == (pswpout - let.swapped) * 4 \
    "%d KiB", pgpgout - let.written - (pswpout - let.swapped) * 4
let woken pageoutrun
send "seqread -k /root/f 1\n"
run-until pageoutrun > let.woken || cycle > 59s
claim "a little more is read: further rounds" "\"it never ends\": it runs again" \
    pageoutrun > let.woken "%d rounds", pageoutrun - let.woken
audit
