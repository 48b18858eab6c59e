# options: --policy sunos --ram 64M
# fsflush, in its old form and in Solaris 10's: the processor time that it
# takes falls as 1 / autoup, and whatever is modified reaches the disk within
# autoup seconds and one tick, whoever needs memory or not. (003-17, E11)
expect "# " 60s
send "PS1='o''k> '; for d in /proc/[0-9]*; do read -r x c x < $d/stat; [ $c = '(fsflush)' ] && F=$d; done\n"
expect "ok> " 10s
# Its processor time, in microseconds, in the next $1 seconds.
send "cost() { read -r a x < $F/schedstat; sleep $1; read -r b x < $F/schedstat; r=$(((b - a) / 1000)); }\n"
expect "ok> " 10s
# Something for it to look at: pages of files, mapped by somebody.
send "seqread -c 6M /root/file 1 > /dev/null; sync; app -a 64K -t 1 /root/file > /dev/null; sync\n"
expect "ok> " 60s

echo ==== microseconds in 240 s, with autoup 30 (the default), 60, 120
send "cost 240; r30=$r; echo autoup 30: $r''us\n"
expect "ok> " 400s
set sunos.autoup 60
send "cost 240; r60=$r; echo autoup 60: $r''us\n"
expect "ok> " 400s
set sunos.autoup 120
send "cost 240; r120=$r; echo autoup 120: $r''us\n"
expect "ok> " 400s
echo ==== the article: raising autoup reduces it proportionately
send "q=$((r30 * 100 / r60)); h=$((r60 * 100 / r120)); echo $q% $h%; [ $q -gt 180 -a $q -lt 220 -a $h -gt 175 -a $h -lt 225 ] && echo it hal''ves\n"
expect "it halves" 10s
expect "ok> " 10s

echo ==== Solaris 10's form, with autoup 30
set sunos.autoup 30
set sunos.fsflush10 1
send "cost 240; echo autoup 30: $r''us; [ $((r * 100)) -lt $((r30 * 90)) ] && echo it is chea''per\n"
expect "it is cheaper" 400s
expect "ok> " 10s

# A page is modified: when is it clean again?
set sunos.fsflush10 0
tcatch file-write
send "echo first > /root/one\n"
continue
let page event.pfn
mark dirty
tcatch write-back if event.pfn == let.page
continue
assert cycle - mark.dirty <= 35s
assert event.pfn == let.page
print cycle - mark.dirty
expect "ok> " 10s

# Another one, somewhere else in the revolution, with autoup 10.
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
assert cycle - mark.dirty <= 15s
print cycle - mark.dirty
why let.page
