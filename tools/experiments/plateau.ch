# options: --ram 8M --swap 64M --policy bsd43 --disk-model cheetah9lp,nobuffer --timing fast --set vm.page-cluster=0
# Behind Denning's cliff (001-25; experiments.md, E5; thrash.ch): "4.3BSD's
# swapper must restore the plateau, plain global LRU must not". Processes of
# which four fit, for two minutes each. Nobody's pages are given up one by one:
# whole processes stop and go out, those that are in fit, and the processor
# works for them. What lacks is the time in which one goes and another one's
# pages come, each 20 s; with eight, four are on their way in or out.
expect "# " 60s
send "PS1='o''k> '; t() { thrash -n $1-$1 -s 120 | tee /tmp/t; awk -v n=$1 -v more=$2 '$1 == n { print $6; if ($6 > more) print \"plat\" \"eau\" }' /tmp/t; }\n"
expect "ok> " 10s
echo ==== N; without a swapper; m; D; 1/(1+mD); measured: four processes
send "t 4 0.95\n"
expect "plateau" 400s
expect "ok> " 10s
let out swapout
let in swapin
echo ==== six (thrash.ch, without a swapper: about 0.01)
send "t 6 0.7\n"
expect "plateau" 400s
expect "ok> " 10s
echo ==== processes taken out, brought in
print swapout - let.out
print swapin - let.in
assert swapout - let.out >= 4 && swapin - let.in >= 4
echo ==== eight (without: about 0.01)
send "t 8 0.4\n"
expect "plateau" 400s
expect "ok> " 10s
audit
