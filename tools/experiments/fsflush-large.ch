# options: --policy sunos --ram 512M --max-sim-time 2400s
# The script compares fsflush's two forms in eight times the memory of fsflush.ch: first with the
# same small file, then with files in four fifths of memory, as the article's large machines have
# them. Both forms look at every frame; the new one does less work at pages of files. So its gain
# follows the share of files in memory, not the size of memory. (003-17)
title "Solaris 10's fsflush in a large memory" "the article (003-17)"
source tools/experiments/fsflush.inc
send "cost 240\n"
expect "cost: " 400s
hear old
expect "ok> " 10s
set sunos.fsflush10 1
send "cost 240\n"
expect "cost: " 400s
hear new
expect "ok> " 10s
let few 100 - (100 * let.new + let.old / 2) / let.old
claim "gain of Solaris 10's form with 6 MB of files in 512 MiB (processor time in 240 s: the old form; Solaris 10's)" "less than 5%: only pages of files cost less" \
    let.few + 5 < 10 "%d%% (%d us; %d us)", let.few, let.old, let.new

# A file without blocks: its pages are zeros, cached like any other's. (003-17)
send "truncate -s 420M /root/large; app -a 64K -t 1 /root/large > /dev/null\n"
expect "ok> " 100s
set sunos.fsflush10 0
send "cost 240\n"
expect "cost: " 400s
hear old
expect "ok> " 10s
set sunos.fsflush10 1
send "cost 240\n"
expect "cost: " 400s
hear new
expect "ok> " 10s
let many 100 - (100 * let.new + let.old / 2) / let.old
claim "its gain with 420 MB of files (the old form; Solaris 10's)" \
    "\"much more efficiently on machines with very large amounts of memory\": a tenth is gained at least, and more than with few files" \
    let.new * 10 < let.old * 9 && let.many > let.few + 5 \
    "%d%% (%d us; %d us)", let.many, let.old, let.new
audit
