# options: --ram 8M --policy linux612 --set vm.page-cluster=0
# Reading a big file once (001-21): does it push out what is in use? Two fifths
# of memory are used over and over, a file of 6 MB is read from end to end, and
# beside each page of it one of the used pages is used again.
#
# Linux keeps what has been used twice on a list of its own, and takes from the
# other list first: the file's pages, used once, push out only each other. Not
# one of the used pages is lost. (Compare pollution.ch.)
#
# How many frames were taken wrongly says how well the policy guesses (001-23):
# a page that is fetched again right after it was taken should have stayed.
expect "# " 60s
send "seqread -c 6M /root/big 1 > /dev/null; sync; echo 3 > /proc/sys/vm/drop_caches\n"
expect "# " 60s
send "set -- $(pollute 0.4x /root/big 1); echo $*; lost=$(($5 + ${11}))\n"
expect "of them wrongly" 120s
expect "# " 10s
send "[ $lost -eq 0 ] && echo as'' said\n"
expect "as said" 10s
expect "# " 10s
audit
