#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The slides' ps and top (002-5, 002-16) print the slides' headings and columns, and
# numbers that add up and agree with /proc and with each other.
use lib 'tests/lib';
use Clockhand;
use List::Util qw(sum0 max);

my $bin = '/era/linux26/bin';

# ---- ps ----
my ($status, $out, $err) = guest("sleep 5 & cd $bin; "
        . './ps -ofname,pid,vsize,rss -p $$,$!; ./pmap $$; ./pmap -x $$; ./pmap 1 2; '
        . './ps -e -o fname,pid,vsize,rss; kill $!');
is($status, 0, 'ps -ofname,pid,vsize,rss') or diag($err);
my @l = split /\n/, $out;
is($l[0], 'COMMAND    PID    VSZ   RSS', 'the slides\' heading');
my ($pid, $vsz, $rss) = $l[1] =~ /^sh {9} *(\d+) +(\d+) +(\d+)$/;
is($l[1], sprintf('%-8s %5d %6d %5d', 'sh', $pid, $vsz, $rss),
    'name, process, sizes in their columns');
like($l[2], qr/^sleep    +\d+ +\d+ +\d+$/, 'another process');
my ($total) = $out =~ /^ total +(\d+)K$/m;
is($vsz, $total, 'VSZ is pmap\'s total');
like($out, qr/^2: +$/m, 'pmap 1 2: a kernel thread\'s command line is empty, not that of the process before it');
my ($kib, $resident) = $out =~ /^total Kb +(\d+) +(\d+)/m;
is($kib, $vsz, 'VSZ is pmap -x\'s total, too');
ok(abs($resident - $rss) <= 64, "RSS is within 64 KiB of pmap -x's ($rss, $resident)");
my @all = $out =~ /^(\w+) +\d+ +\d+ +\d+$/mg;
ok((grep { $_ eq 'init' } @all) && (grep { $_ eq 'kflushd' } @all), '-e: all processes');
($status, $out) = guest("$bin/ps");
is((split /\n/, $out)[0], '  PID TTY          TIME CMD', 'ps without options: its heading');
unlike($out, qr/kflushd/, 'ps without options: only our own processes');
like($out, qr/^ +\d+ \?        00:00:00 ps$/m, 'ps without options: a row');
my %bad = ('-o foo' => 'unknown user-defined format specifier',
    '-p 1x' => 'process ID list syntax error', '-q' => 'unsupported option');
for my $bad (sort keys %bad) {
    ($status, $out, $err) = guest("$bin/ps $bad");
    is($status, 1, "ps $bad: refused");
    like($err, qr/^ps: $bad{$bad}\n/, "ps $bad: why");
}
($status) = guest("$bin/ps -p 99");
is($status, 1, 'ps of a process that does not exist');

# Tests pmap -x of a program that maps a file and shared memory whose file is removed (002-8).
# Every row must be exact, and the sums must agree with ps.
($status, $out, $err) = guest('dd if=/dev/zero of=/dev/shm/f bs=4k count=10 2>/dev/null; '
        . '/era/bin/app -a 64K -t 3 /dev/shm/f /bin/busybox > /dev/null & P=$!; sleep 1; rm /dev/shm/f; '
        . "$bin/pmap -x \$P; $bin/ps -o fname,pid,vsize,rss -p \$P; wait; ls -l /bin/busybox", '--timing', 'fast');
is($status, 0, 'pmap -x of a program with shared memory') or diag($err);
my ($box) = map { int(($_ + 4095) / 4096) * 4 } $out =~ m{(\d+) \w+ +\d+ +[\d:]+ /bin/busybox$}m;
# Finds the size of the program's own text: the executable segment of its file.
my $elf = slurp(build() . '/guest/user/era/app');
my ($filesz) = map { $_->[5] } grep { $_->[0] == 1 && $_->[1] & 1 }
    map { [unpack 'LLQQQQ', substr $elf, 64 + 56 * $_, 56] } 0 .. unpack('S', substr $elf, 56, 2) - 1;
my $text = int(($filesz + 4095) / 4096) * 4;
my @sum = ($box + $text + 248, $box + $text + 112, 72);
my @want = ('Address     Kbytes     RSS    Anon  Locked Mode   Mapped File',
    '* ' . sprintf('%7d %7d %7s %7s r-x--  app', $text, $text, '-', '-'),
    '* ' . sprintf('%7d %7d %7d %7s rw---  app', 4, 4, 4, '-'),
    '* ' . sprintf('%7d %7s %7s %7s rw---    [ anon ]', 8, ('-') x 3),
    '* ' . sprintf('%7d %7d %7d %7s rw---    [ anon ]', 64, 64, 64, '-'),
    '* ' . sprintf('%7d %7d %7s %7s r--s-  busybox', $box, $box, '-', '-'),
    '* ' . sprintf('%7d %7d %7s %7s r--s-  dev:0,3 ino:2', 40, 40, '-', '-'),
    '* ' . sprintf('%7d %7d %7d %7s rw---    [ stack ]', 128, 4, 4, '-'),
    '* ' . sprintf('%7d %7s %7s %7s r-x--    [ anon ]', 4, ('-') x 3),
    '---------- ------- ------- ------- -------',
    sprintf('total Kb   %7d %7d %7d %7s', @sum, '-'));
my @x = map { s/^[0-9A-F]{10} /* /r } (split /\n/, $out)[ 1 .. 11 ];
is_deeply(\@x, \@want, 'each row is right to the byte');
like($out, qr/^app +\d+ +$sum[0] +$sum[1]$/m, 'VSZ and RSS are pmap -x\'s totals');

# ---- top ----
my $tenths = qr/(\d+\.\d)/;
($status, $out, $err) = guest("(while :; do :; done) & /era/linux26/bin/cow 9000 4096 >/dev/null "
        . "& sleep 0.3; kill -STOP \$!; $bin/top -b -n 3 -d 1; "
        . 'kill -KILL $! %1; grep -E "^(Mem|Swap)" /proc/meminfo');
is($status, 0, 'top -b') or diag($err);
my @screens = split /\n(?=top - )/, $out;
is(@screens, 3, 'three screens');
for my $n (0 .. 2) {
    my @t = split /\n/, $screens[$n];
    like($t[0], qr/^top - \d\d:\d\d:\d\d up \d+ min,  \d+ users?,  load average: \d+\.\d\d, \d+\.\d\d, \d+\.\d\d$/,
        "$n: line 1");
    my ($all, $run, $sleep, $stop, $zombie) =
        $t[1] =~ /^Tasks: +(\d+) total, +(\d+) running, +(\d+) sleeping, +(\d+) stopped, +(\d+) zombie$/;
    is($all, $run + $sleep + $stop + $zombie, "$n: tasks add up");
    is($stop, 1, "$n: one task is stopped");
    my @share = $t[2] =~ /$tenths%/g;
    like($t[2], qr/^Cpu\(s\): +\S+% us, +\S+% sy, +\S+% ni, +\S+% id, +\S+% wa, +\S+% hi, +\S+% si$/,
        "$n: seven shares of the processor");
    is(sprintf('%.1f', sum0(@share)), '100.0', "$n: they add up to 100 %");
    my ($mt, $mu, $mf) = $t[3] =~ /^Mem: +(\d+)k total, +(\d+)k used, +(\d+)k free, +\d+k buffers$/;
    is($mt, $mu + $mf, "$n: memory = used + free");
    my ($st, $su, $sf) = $t[4] =~ /^Swap: +(\d+)k total, +(\d+)k used, +(\d+)k free, +\d+k cached$/;
    is($st, $su + $sf, "$n: swap = used + free");
    is($t[5], '', "$n: a blank line");
    is($t[6], '  PID USER      PR  NI  VIRT  RES  SHR S %CPU %MEM    TIME+  '
            . 'COMMAND', "$n: the columns of 002-16");
    my @rows = grep { /^ *\d+ \w/ } @t[ 7 .. $#t ];
    is(@rows, $all, "$n: a row for each task");
    my @cells = map { [split] } @rows;
    is((grep { @$_ != 12 } @cells), 0, "$n: twelve cells in each");
    for my $r (grep { $_->[11] eq 'cow' } @cells) {
        is($r->[9], sprintf('%.1f', $r->[5] * 100 / $mt), "$n: %MEM = RES / total, rounded");
    }
    my @by = map { $_->[8] } @cells;
    is_deeply(\@by, [ sort { $b <=> $a } @by ], "$n: the busiest first");
    is($cells[0][11], 'sh', "$n: the busiest is the loop");
    ok($by[0] > 95, "$n: the loop has the processor ($by[0] %)") if $n;
    my ($last) = $cells[0][10] =~ /:(\d\d\.\d\d)$/;
    cmp_ok($last, '>=', $n, "$n: ... and used $last seconds of it");
}
is_deeply([ $out =~ /^Mem: +(\d+)k/m, $out =~ /^Swap: +(\d+)k/m ],
    [ $out =~ /^MemTotal: +(\d+)/m, $out =~ /^SwapTotal: +(\d+)/m ],
    'totals as in /proc/meminfo');
($status) = guest("$bin/top -x");
is($status, 1, 'top -x: refused');

# top must print the figures of the moment (002-16): the run stops when top prints, and
# the script asks the machine for frames, swap and the kernel's times; cat reads /proc
# just before and just after. The guest then has pages in swap, a stopped process, a
# zombie, and time of each kind: computing, copying, waiting for a disk, idle.
{
    my $own = join "\n", (map { "printf \"own $_ %d\\n\", u64[hart_time + "
            . {user => 0, system => 8, waiting => 16}->{$_} . '] / 1000' }
        qw(user system waiting)), 'printf "own all %d\n", cycle / 1us',
        'json info frames', 'json info swap';
    my $read = 'cat /proc/meminfo /proc/stat /proc/[0-9]*/stat';
    my $load = 'for k in 1 2 3; do i=0; while [ $i -lt 9000 ]; do i=$((i+1)); done; '
        . 'dd if=/dev/zero of=/dev/null bs=64k count=3000 2>/dev/null; '
        . 'dd if=/dev/zero of=/root/g bs=64k count=12 conv=fsync 2>/dev/null; sleep .2; done';
    my $file = spew(tmp('moment.ch'), <<"END");
# options: --timing fast --swap 16M
expect "# " 60s
send "PS1='o''k> '; /era/bin/idled -p 100000 18M >/dev/null & sh -c 'sleep 0 & exec sleep 1000' & /era/bin/idled -p 100000 1M >/dev/null & S=\$!; sleep 4; kill -STOP \$S\\n"
expect "ok> " 60s
send "$load; ls -lR / >/dev/null; echo do''ne\\n"
expect "done" 60s
expect "ok> " 10s
send "$read; { $load; } & $bin/top -b -n 2 -d 1; wait %4; $read; echo en''d\\n"
expect "COMMAND" 20s
$own
expect "COMMAND" 20s
$own
expect "end" 30s
END
    my ($held, $said, $why) = clockhand('-x', $file);
    is($held, 0, 'the run stops twice while top prints') or diag($why);
    $said =~ s/\r//g;
    # The machine's answers stand among top's lines: JSON, and lines that begin with "own".
    my @json = map { json($_) } $said =~ /^(\{.*\})$/mg;
    my %all;
    push @{ $all{$1} }, $2 while $said =~ /^own (\w+) (\d+)$/mg;
    my @top = $said =~ /^(top - .*?)^own /msg;
    my ($before, $after) = ($said =~ /^(MemTotal:.*?)^top - /ms, $said =~ /.*^(MemTotal:.*)/ms);
    my $number = sub { $_[1] =~ /^\Q$_[0]\E:? +(\d+)/m; $1 };

    # Tasks and their rows agree with /proc/PID/stat. (When cat read these files, cat
    # itself ran, instead of top and the load.)
    my %state;
    my %proc = map { my @f = split ' ', $_; $f[0] => \@f } $before =~ /^(\d+ \(.*)$/mg;
    $state{ $_->[2] }++ for values %proc;
    my ($tasks, $sleep, $stop, $zombie) = $top[0]
        =~ /^Tasks: +(\d+) total, +\d+ running, +(\d+) sleeping, +(\d+) stopped, +(\d+) zombie$/m;
    my ($n, $run) = (scalar(keys %proc), $top[0] =~ /, +(\d+) running/);
    is($stop, $state{T}, "stopped: $state{T}, the number in /proc/PID/stat");
    is($zombie, $state{Z}, "zombies: $state{Z}");
    is($tasks, $run + $sleep + $stop + $zombie, 'the four states add up to all tasks');
    # top runs now, in place of cat; the load is a shell and at most one child.
    ok($tasks == $n + 1 || $tasks == $n + 2, "total: $tasks ($n before the load)");
    my $known = 0;
    my ($rows) = $said =~ /^(  PID USER.*?)^top - /ms;
    for my $row (map { [split] } $rows =~ /^( *\d+ root.*)$/mg) {
        my $p = $proc{ $row->[0] } or next;
        next if $row->[0] == 5 || $row->[11] eq 'kpageoutd'; # these still use time
        $known++;
        my ($ticks, $name) = ($p->[13] + $p->[14], $p->[1] =~ /\((.*)\)/);
        my $res = $p->[23] * 4;
        is_deeply([@$row[2 .. 5], @$row[7, 10, 11]], [@$p[17, 18],
                $p->[22] / 1024, $res < 10000 ? $res : int($res / 1024) . "m", $p->[2], sprintf('%d:%02d.%02d', $ticks / 6000,
                    $ticks / 100 % 60, $ticks % 100), $name],
            "row of $name: PR NI VIRT RES S TIME+ of its stat");
    }
    cmp_ok($known, '>=', 7, 'enough rows were compared');

    # Free memory, swap and cached agree with the machine; total and buffers agree with
    # what cat read.
    my @mem = map { [/(\d+)k/g] } $said =~ /^(Mem: .* buffers)$/mg;
    my @swaps = map { [/(\d+)k/g] } $said =~ /^(Swap: .* cached)$/mg;
    for my $i (0, 1) {
        my ($frames, $swap) = @json[2 * $i, 2 * $i + 1];
        my ($mt, $mu, $mf, $buffers) = @{ $mem[$i] };
        my ($st, $su, $sf, $cached) = @{ $swaps[$i] };
        is($mt, $number->(MemTotal => $before), "$i: Mem total is /proc/meminfo's");
        cmp_ok(abs($mf - 4 * $frames->{free}), '<=', 64,
            "$i: $mf k free, with $frames->{free} frames free");
        is("$st $su $sf", join(' ', map { 4 * $_ } @$swap{qw(total used free)}),
            "$i: swap, exact to the slot");
        my $file = $frames->{'file-clean'} + $frames->{'file-dirty'} + $frames->{'shared-memory'};
        cmp_ok(abs($cached - 4 * $file), '<=', 64,
            "$i: $cached k cached, with $file frames of files");
        my $seen = $number->(Buffers => $i ? $after : $before);
        ok($seen >= 40 && abs($buffers - $seen) <= 8,
            "$i: buffers: $buffers, in /proc/meminfo $seen");
    }

    # top's shares of processor time, since the start and between the screens, are the machine's.
    my @screen = map { [/(\d+\.\d)%/g] } $said =~ /^Cpu\(s\):(.*)$/mg;
    for my $i (0, 1) {
        my %t = map { $_ => $all{$_}[$i] - ($i ? $all{$_}[0] : 0) } keys %all;
        $t{idle} = $t{all} - $t{user} - $t{system} - $t{waiting};
        my @want = map { 100 * $t{$_} / $t{all} } qw(user system idle waiting);
        my @got = @{ $screen[$i] }[0, 1, 3, 4];
        cmp_ok(abs($got[$_] - $want[$_]), '<', .7, sprintf '%d: %s: top shows %s%%, the machine %.1f%%', $i,
            (qw(us sy id wa))[$_], $got[$_], $want[$_]) for 0 .. 3;
        cmp_ok((sort { $a <=> $b } @got)[0], '>', 1, "$i: none of the four is near 0");
        is("@{ $screen[$i] }[2, 5, 6]", '0.0 0.0 0.0', "$i: ni, hi, si are always 0");
    }
}

# On the terminal top draws in place; q ends it.
my $script = spew(tmp('top.ch'), <<"END");
expect "# " 60s
send "$bin/top -d 1\\n"
expect "COMMAND" 5s
expect "COMMAND" 2s
send "M"
expect "COMMAND" 500ms
send "q"
expect "# " 1s
END
($status, $out, $err) = clockhand('-x', $script);
is($status, 0, 'top on the terminal draws every second and at a key; q ends it') or diag($err);
like($out, qr/\e\[H\e\[J/, 'top draws in place');

done_testing();
