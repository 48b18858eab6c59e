# options: --ram 7680K --swap 0 --timing fast --max-sim-time 60s
# "A fork bomb": each process starts two more and ends (001-27). In 7.5 MiB,
# without swap, memory is out before the process slots are (in 16 MiB the slots are
# out first: fork says EAGAIN, and no process is killed). The shell on the console
# may not be killed. The killer goes on killing, and that does not end the bomb.
title "A fork bomb meets the killer" "the FAQ (001-27)"
console off
expect "# " 60s
send "sh -c 'b() { b | b & }; b' & echo -1000 > /proc/$$/oom_score_adj; PS1='o''k> '\n"
tcatch oom
continue
claim "forks until the first has to die; those refused for want of a slot" \
    "memory is out first: none refused" forks > 50 && proc_ovf == 0 \
    "%d; %d", forks, proc_ovf
let before forks
run-for 2s
claim "killed in two seconds; processes created meanwhile" \
    "the killer still runs, and so does the bomb" oom_kill > 3 && \
    forks > let.before + 3 "%d; %d", oom_kill, forks - let.before
audit
