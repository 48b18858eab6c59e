# options: --ram 8M --swap 32M --policy linux240t --timing fast --max-sim-time 60s
# "The system keeps the available memory between two water marks. The low limit
# activates the swap while the high limit forces it to stop ... when the swap
# mechanism is activated, it never ends until the system shutdowns"; and it may
# well be that nothing is written, only clean pages removed. (004-2, -3)
expect "# " 60s
send "PS1='o''k> '; PATH=$PATH:/era/bin\n"
expect "ok> " 10s
send "seqread -c 12M /root/f 1 > /dev/null; sync; echo 3 > /proc/sys/vm/drop_caches\n"
expect "ok> " 30s
let written pgpgout
let swapped pswpout
let woken pageoutrun
let freed pgsteal_kswapd
echo ==== a file of one and a half times memory is read, twice: free frames when
echo ==== kswapd begins (low is 32), round after round
send "seqread -k /root/f 2; echo do''ne\n"
source tools/experiments/kswapd-marks.inc
source tools/experiments/kswapd-marks.inc
source tools/experiments/kswapd-marks.inc
catch reclaim if event.pid == 2 && vm.free > 48 + 8
expect "done" 50s
delete
expect "ok> " 10s
echo ==== rounds; pages freed; KiB written to any disk, pages swapped out
print pageoutrun - let.woken
print pgsteal_kswapd - let.freed
print pgpgout - let.written
print pswpout - let.swapped
assert pageoutrun - let.woken > 100
assert pgsteal_kswapd - let.freed > 3000
# The few are what init and the shell have not used for long.
assert (pswpout - let.swapped) * 100 < pgsteal_kswapd - let.freed
assert pgpgout - let.written == (pswpout - let.swapped) * 4
echo ==== and it never ends: a little is read, it runs again
let woken pageoutrun
send "seqread -k /root/f 1\n"
run-until pageoutrun > let.woken
audit
