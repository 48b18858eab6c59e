# options: --ram 16M --swap 3M
# Overcommit (002-13, 002-19, 001-29): the sum of what programs are promised is
# normally more than there is. vm.overcommit_memory says how much more:
#   0  each request that could fit into RAM and swap if nothing else were there
#   1  anything
#   2  what is there: RAM * vm.overcommit_ratio % + swap, and not a page more
# `promise` asks for memory in four ways in each mode, and uses what the last
# two got. Beside each outcome it prints the prediction of Linux's rules.
#
# (With 3M of swap there are two kills. With 32M the fork's child finds room
# beside its parent: one kill; with 64M all promised memory fits: none.)
#
# The price of promises: malloc and fork have succeeded, and the *use* of the
# memory kills. In mode 2 no process is ever killed; but a process of 60% of RAM
# cannot fork, even if its child would never write to it.
title "Overcommitment: what is promised, and what it costs" "Linux's rules"
console off
expect "# " 60s
console on
send "promise; echo status $?\n"
expect "predicted" 10s

# Mode 0 refuses a single request that could never fit, unless it has
# MAP_NORESERVE. It grants all small ones; a process that uses them is killed.
expect "0     RAM + swap" 10s
let before oom_kill
expect "\n1     RAM + swap" 120s
let kills oom_kill - let.before
claim "mode 0: killed (with 3M of swap)" \
    "twice: small requests without end are used; a fork's child writes" \
    let.kills == 2 "%d", let.kills
let before oom_kill
expect "\n2     RAM + swap" 120s
claim "mode 1: killed" "as often" oom_kill - let.before == let.kills \
    "%d", oom_kill - let.before
let before oom_kill
expect "\n2     largest request, pages" 60s
hear rules granted
claim "mode 2: the largest request" \
    "exactly CommitLimit (RAM * ratio / 100 + swap) less promises and reserve" \
    let.granted == let.rules "%d pages; %d foreseen", let.granted, let.rules

# Mode 2 grants small requests up to CommitLimit (/proc/meminfo), kills nothing.
expect "promise: " 60s
hear wrong of
expect "status 0" 10s
claim "mode 2: killed" "no kill ever" oom_kill == let.before "%d", oom_kill - let.before
claim "answers, over all modes, that are not Linux's" "none" let.wrong == 0 && let.of == 21 \
    "%d of %d", let.wrong, let.of
expect "# " 10s
audit
