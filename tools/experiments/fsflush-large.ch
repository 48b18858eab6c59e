# options: --policy sunos --ram 512M --max-sim-time 1200s
# Solaris 10's fsflush in eight times the memory of fsflush.ch, with the same
# file. Both forms look at every frame; what the new one leaves out, it leaves
# out at pages of files. So it gains what files have of memory, not what memory
# has: with the same file less, the larger memory is. The article says that it
# runs "much more efficiently on machines with very large amounts of memory",
# where files have most of it. (003-17)
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
claim "its processor time in 240 s, the old form; Solaris 10's" \
    "\"more efficiently\"" let.new < let.old "%d us; %d us", let.old, let.new
claim -n "what it gains" \
    "\"much more efficiently\" in a large memory: more than in 64 MiB (fsflush.ch: a tenth at least)" \
    let.new * 10 < let.old * 9 "%d%%", 100 - 100 * let.new / let.old
audit
