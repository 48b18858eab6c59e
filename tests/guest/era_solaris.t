#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Solaris's vmstat and sar (003-1, 003-8, 003-19) print headings and columns exact to the
# letter, and numbers that agree with known work; sar reads the recorder's history.
use lib 'tests/lib';
use Clockhand;

my $bin = '/era/solaris/bin';

# Returns the texts of /proc/counters, separated by "==", as hashes; "-": no such counter.
sub counters {
    my @all;
    for my $text (split /^==\n/m, shift) {
        my %c = $text =~ /^(\w+) (-|\d+)$/mg;
        push @all, \%c if %c;
    }
    return @all;
}

# ---- vmstat ----
my @fields = qw(r b w swap free re mf pi po fr de sr s0 s1 s2 s3 in sy cs us
    sy id);
my ($out, $err) = succeeds('vmstat', guest("$bin/vmstat 1 3"));
my @v = split /\n/, $out;
is(@v, 5, 'a heading of two lines, and three lines of numbers');
is($v[0], ' procs     memory            page            disk          faults '
        . '     cpu', 'the heading: groups');
is($v[1], ' r b w   swap  free  re  mf pi po fr de sr s0 s1 s2 s3   in   sy '
        . '  cs us sy id', 'the heading: fields');
is_deeply([ split ' ', $v[1] ], \@fields, 'in the order of 003-1');
is(scalar(my @w = split ' ', $_), @fields, 'a cell for each') for @v[ 2 .. 4 ];
for (@v[ 3, 4 ]) {
    my @w = split;
    is_deeply([ @w[ 7 .. 9, 11 ] ], [ 0, 0, 0, 0 ],
        'nothing is read, written, freed or scanned while the guest sleeps');
    ok($w[-1] >= 99, "... and the processor is idle ($w[-1] %)");
    is($w[-1] + $w[-2] + $w[-3], 100, 'us, sy and id add up to 100');
    is_deeply([ @w[ 2, 5, 10 ] ], [ '-', '-', '-' ],
        'clock has no swapper, no reclaims from the free list, no deficit');
    is_deeply([ @w[ 14, 15 ] ], [ '-', '-' ], 'there is no third disk');
}
my $status;
($status, $out) = guest("$bin/vmstat 0.1 25 | grep -c swap");
is($out, "2\n", 'a new heading after 19 lines');
for my $bad ('0', '1 0', '1 2 3', 'x', '-x') {
    ($status, $out, $err) = guest("$bin/vmstat $bad");
    is($status, 1, "vmstat $bad: refused");
}

# Known work, to compare the counts with: 200 pages of a file not in memory are read.
($out, $err) = succeeds('reading a file', guest('dd if=/dev/urandom of=/root/f bs=4k count=200 '
        . '2>/dev/null; sync; echo 3 > /proc/sys/vm/drop_caches; '
        . "$bin/vmstat 5 1 >/dev/null; cat /proc/counters; echo ==; "
        . '(sleep 0.5; cat /root/f >/dev/null) & '
        . "$bin/vmstat 2 2; cat /proc/counters"));
my ($before, $after) = counters($out);
my @row = split ' ', (split /\n/, $out =~ s/.*^(?= r b w)//msr)[2];
my %row;
@row{ map { "$fields[$_]" } 0 .. 18 } = @row;
cmp_ok($row{pi}, '>=', 400, "pi: 800 KB of the file in two seconds ($row{pi})");
is($row{po}, 0, 'po: nothing');
cmp_ok($after->{ppgin} - $before->{ppgin}, '>=', 200, 'ppgin: the pages of the file');
cmp_ok($after->{pgin} - $before->{pgin}, '<', 100, 'pgin: in fewer requests');
is($row{s0} > 0 && $row{s0} * 2 <= $after->{disk0} - $before->{disk0} + 1, 1,
    "s0: requests a second ($row{s0})");

# The column swap falls when a program allocates memory, the column free when the program
# touches that memory (003-2). cow allocates 8 MiB, touches them 0.4 s later, and ends.
($out, $err) = succeeds('a program of 8 MiB', guest("cd $bin; ./vmstat 9 1; "
        . '/era/linux26/bin/cow 400 8192 >/dev/null & sleep 0.2; '
        . './vmstat 9 1; sleep 0.4; ./vmstat 9 1; wait; sleep 2; ./vmstat 9 1',
    qw(--ram 32M --timing fast)));
my @at = map { [ (split)[ 3, 4 ] ] } $out =~ /^( \d+ +\d+ .*)$/mg;
is(@at, 4, 'before the program, allocated, touched, after its end');
my ($asked, $free) = ($at[0][0] - $at[1][0], $at[0][1] - $at[1][1]);
ok($asked >= 8192 && $asked < 8192 + 1024, "allocated: swap is $asked KB less");
ok($free < 2048, "allocated: free is only $free KB less");
$free = $at[1][1] - $at[2][1];
ok($free >= 8192 && $free < 8192 + 512, "touched: free is $free KB less");
ok(abs($at[1][0] - $at[2][0]) < 64, 'touched: swap is unchanged');
my $short = $at[0][0] - $at[3][0];
ok($short < 64, "after its end swap is all there again ($short KB short)");
$free = $at[0][1] - $at[3][1];
ok($free > 0 && $free < 2048, "free is $free KB less: the pages of its files stay in memory");

# Under every policy a cell of vmstat is "-" exactly when `explain`, which asks the
# machine and not the kernel, says that the policy has no such number.
my @policies = (clockhand('--policy', 'list'))[1] =~ /^(\w+)/mg;
my $ask = spew(tmp('ask.ch'), join "\n", 'expect "# " 60s',
    "send \"$bin/vmstat\\n\"", 'expect "id" 20s', 'expect "# " 20s',
    (map { "json explain solaris.vmstat.$_" } @fields), '');
my %has;
for my $policy (@policies) {
    ($out, $err) = succeeds("vmstat under $policy", clockhand('--policy', $policy,
        qw(--timing fast -x), $ask));
    my ($row) = $out =~ /us sy id\r?\n([^\r\n]+)/;
    my @cells = split ' ', $row;
    my @absent = map { my $from = json($_)->{from};
        !grep { !$_->{absent} } @$from } grep { /^\{/ } split /\n/, $out;
    for my $n (grep { $fields[$_] !~ /^s\d$/ } 0 .. 11) {
        is($cells[$n] eq '-', !!$absent[$n], "$policy: $fields[$n] $cells[$n]")
            if $fields[$n] ne 'de'; # de is a gauge that only some policies define
        $has{ $fields[$n] }{$policy} = $cells[$n] ne '-';
    }
}
is(!!$has{re}{sunos} && !$has{re}{clock} && $has{sr}{sunos} && $has{w}{bsd43}
        && $has{de}{bsd43} && $has{w}{sunos} && $has{de}{solaris8} && !$has{w}{linux26}, 1,
    're, sr and w under sunos, w and de under bsd43, de under solaris8; no re under clock, no w under linux26');

# Formats a line exact to the byte, as Solaris's adjprintf does: a cell that is too wide
# takes blanks from the following cells, down to one each.
sub adjusted {
    my ($widths, @cells) = @_;
    my ($line, $excess) = ('', 0);
    for my $n (0 .. $#cells) {
        my $w = $widths->[$n];
        my $now = $excess <= 0 ? $w : $excess >= $w ? 1 : $w - $excess;
        my $text = sprintf ' %*s', $now, $cells[$n];
        $excess -= $w + 1 - length $text;
        $line .= $text;
    }
    return $line;
}
my @widths = (1, 1, 1, 6, 5, 3, 3, (2) x 9, 4, 4, 4, 2, 2, 2);
is(adjusted(\@widths, @fields), ' r b w   swap  free  re  mf pi po fr de sr s0 s1 s2 s3   in   sy   cs us sy id',
    'the heading has the columns\' widths');
for my $case ([ 'hog 90M 1', '96M', 0.1 ], [ 'hog 9M 1', '8M', 1 ]) {
    my ($work, $ram, $t) = @$case;
    ($status, $out) = guest("/era/bin/$work > /dev/null & $bin/vmstat $t 6; kill \$!; $bin/vmstat -p $t 2",
        '--policy', 'bsd43', '--ram', $ram, '--swap', '640M', '--timing', 'fast');
    my @rows = grep { /^ +[\d-]+ +[\d-]/ } split /\n/, $out;
    is(@rows, 8, "$work in $ram: six lines, and two of -p");
    is($_, adjusted(@{ [ split ] } == 22 ? \@widths : [ 6, 5, (3) x 5, (4) x 9 ], split),
        'a line is right to the byte') for @rows;
    my $wide = grep { my @w = split; grep { length $w[$_] > $widths[$_] } 0 .. $#w } @rows[ 0 .. 5 ];
    ok($wide, '... some numbers are too wide for their columns') or diag($out);
}

# Under pressure, an interval's rates are the changes of the counters.
($out, $err) = succeeds('hog under sunos', guest("$bin/vmstat 9 1 >/dev/null; "
        . 'cat /proc/counters; echo ==; (sleep 0.5; '
        . "/era/bin/hog 9M 1 >/dev/null) & $bin/vmstat 30 2; "
        . 'cat /proc/counters; wait', qw(--policy sunos --ram 8M --swap 32M --timing fast)));
($before, $after) = counters($out);
my %v;
@v{@fields} = split ' ', ($out =~ /^( \d .*)$/mg)[1];
for ([ sr => 1, 'pgscan_kswapd' ], [ po => 4, 'ppgout' ], [ fr => 4, 'dfree' ],
    [ cs => 1, 'ctxt' ], [ s1 => 1, 'disk1' ]) {
    my ($column, $unit, $name) = @$_;
    my $moved = $unit * ($after->{$name} - $before->{$name}) / 30;
    ok($v{$column} > 0 && abs($v{$column} - $moved) <= 1 + 0.02 * $moved,
        sprintf '%s: %d a second, %s says %.1f', $column, $v{$column}, $name, $moved);
}

# -p (Solaris 8) prints paging by kind of page; the kinds add up to all paging.
($out, $err) = succeeds('vmstat -p', guest("(sleep 1; /era/bin/hog 9M 1 >/dev/null) & "
        . "$bin/vmstat -p 30 2; cat /proc/counters; wait; $bin/sar -g 1",
    qw(--policy sunos --ram 8M --swap 32M --timing fast)));
like($out, qr{^SunOS clockhand 5\.4 Generic_101945-32 sun4c    \d\d/\d\d/\d\d$}m,
    'sar under sunos has the banner of 003-8');
my @p = split /\n/, $out;
is($p[0], '     memory           page          executable      anonymous      '
        . 'filesystem ', '-p: groups');
is($p[1], '   swap  free  re  mf  fr  de  sr  epi  epo  epf  api  apo  apf  fpi'
        . '  fpo  fpf', '-p: fields');
my %p;
@p{ split ' ', $p[1] } = split ' ', $p[3];
ok($p{apo} > 0 && $p{apf} > 0 && $p{epf} > 0, 'anonymous pages are written and freed, text is freed');
is($p{epo}, 0, '... and no text is written');
ok(abs($p{epf} + $p{apf} + $p{fpf} - $p{fr}) <= 2, 'the kinds add up to fr');
my ($c) = counters($out);
for ([ 'pgin', 'ppgin' ], [ 'pgout', 'ppgout' ], [ 'free', 'dfree' ]) {
    my ($kind, $all) = @$_;
    is($c->{"exec$kind"} + $c->{"anon$kind"} + $c->{"fs$kind"}, $c->{$all}, "... to $all");
    cmp_ok($c->{$all}, '>', 0, '... and is not 0');
}

# The first page of a readahead window is not counted as text.
($status, $out) = guest('dd if=/dev/zero of=/root/f bs=64k count=32 2>/dev/null; '
        . 'sync; echo 3 > /proc/sys/vm/drop_caches; grep ^fspgin /proc/counters; '
        . 'dd if=/root/f of=/dev/null bs=64k 2>/dev/null; '
        . 'grep ^fspgin /proc/counters', '--timing', 'fast');
($before, $after) = $out =~ /^fspgin (\d+)$/mg;
cmp_ok($after - $before, '>=', 512, 'fpi: all pages of a file that is read');

# -s prints totals since the start, in Solaris's words.
($out) = succeeds('vmstat -s', guest("$bin/vmstat -s; cat /proc/counters"));
my ($now) = counters($out);
my %s = map { reverse /^ *(-|\d+) ([a-z].*)$/ } split /\n/, $out;
is(keys %s, 31, 'a line for each total');
for ([ 'pages paged in' => 'ppgin' ], [ 'page ins' => 'pgin' ], [ forks => 'forks' ]) {
    my ($words, $name) = @$_;
    ok($s{$words} > 0 && $now->{$name} - $s{$words} <= 60, "$words: $s{$words}");
}
is($s{'micro (hat) faults'}, '-', 'the hart walks the tables itself');
is($s{'total reclaims'}, '-', 'clock reclaims nothing from the free list');
cmp_ok($s{'idle   cpu'} + $s{'wait   cpu'}, '>=', 10, 'ticks of idle time');

# -h tells for every column what it measures and what it does not (003-18).
($status, $out) = guest("$bin/vmstat -h");
my @said = $out =~ /^(\S+) +\S/mg;
is_deeply(\@said, \@fields, '-h: a line for every column');
like($out, qr/^sr .*looked at.*\n +not pages taken/m, '-h: sr is not pages taken');

# ---- sar ----
my %heading = (
    a => '  iget/s namei/s dirbk/s',
    g => '  pgout/s ppgout/s pgfree/s pgscan/s %ufs_ipf',
    v => '  proc-sz    ov  inod-sz    ov  file-sz    ov   lock-sz',
    u => '    %usr    %sys    %wio   %idle',
    r => ' freemem freeswap',
    w => ' swpin/s bswin/s swpot/s bswot/s pswch/s',
);
my $time = qr/\d\d:\d\d:\d\d/;
for my $o (sort keys %heading) {
    ($status, $out, $err) = guest("uname -snrvm; $bin/sar -$o 1 2",
        '--epoch', 811_382_401); # 1995-09-18 00:00:01
    is($status, 0, "sar -$o") or diag($err);
    my @l = split /\n/, $out;
    is($l[2], "$l[0]    09/18/95", "-$o: the system and the day");
    like($l[4], qr/^$time\Q$heading{$o}\E$/, "-$o: the heading of 003-8");
    my @rows = grep { /^$time +[-\d]/ } @l;
    is(@rows, 2, "-$o: two intervals");
    is(grep(/^Average /, @l), $o eq 'v' ? 0 : 1, "-$o: their average");
    my $names = () = $heading{$o} =~ /\S+/g;
    is(scalar(my @cells = split), $names + 1, "-$o: a cell for each column") for @rows;
}
like((guest("$bin/sar -w 1"))[1], qr/^$time +- +- +- +- +\d+$/m, 'sar -w: clock has no swapper');
# All columns of sar -g have two decimals; those of sar -a have none.
like((guest("$bin/sar -g 1"))[1], qr/^$time( +\d+\.\d\d){5}$/m, 'sar -g: two decimals');
like((guest("$bin/sar -v 1"))[1], qr{^$time +\d+/128 +0 +\d+/\d+ +0 +(\d+)/\1 +0 +0/0 *$}m,
    'sar -v: entries and sizes');

# ls -l reads /bin during the four seconds in which sar -a counts paths, inodes not in memory, directory blocks.
($status, $out) = guest('echo 3 > /proc/sys/vm/drop_caches; '
        . '(sleep 0.5; ls -l /bin >/dev/null) & '
        . "cat /proc/counters; echo ==; $bin/sar -a 4; cat /proc/counters");
($before, $after) = counters($out);
my ($iget, $namei, $dirbk) = $out =~ /^$time +(\d+) +(\d+) +(\d+)$/m;
for ([ $iget, 'iget' ], [ $namei, 'namei' ], [ $dirbk, 'dirblk' ]) {
    my ($rate, $name) = @$_;
    my $all = $after->{$name} - $before->{$name};
    ok($rate > 0 && abs($rate * 4 - $all) <= 0.1 * $all + 8,
        "$name: $rate/s during four seconds, in all $all");
}
for my $bad ('-z', '0', '1 0', '-f', '-s 25:00') {
    ($status, $out, $err) = guest("$bin/sar $bad");
    is($status, 2, "sar $bad: refused");
}

# While sar -d measures, cat reads 200 pages that are not in memory. sar must print an exact
# heading, count all blocks, and show the disk as busy only while it has requests.
($out, $err) = succeeds('sar -d', guest('dd if=/dev/urandom of=/root/g bs=4k count=200 '
        . '2>/dev/null; sync; echo 3 > /proc/sys/vm/drop_caches; '
        . "(sleep 0.5; cat /root/g >/dev/null) & $bin/sar -d 4; "
        . 'cat /proc/counters', '--swap', '8M'));
like($out, qr/^$time   device        %busy   avque   r\+w\/s  blks\/s  avwait  avserv$/m,
    '-d: the heading');
my ($busy, $avque, $rw, $blks, $wait, $serve) = $out =~
    /^$time   vda +(\d+) +(\d+\.\d) +(\d+) +(\d+) +(\d+\.\d) +(\d+\.\d)$/m;
like($out, qr/^           vdb               0     0\.0       0       0     0\.0     0\.0$/m,
    '-d: swap had no request');
is(length((grep /vda/, split /\n/, $out)[0]), 70, '-d: the line has the right width');
ok($blks * 4 >= 1600 && $blks * 4 < 3200, "-d: 1600 blocks ($blks/s)");
ok($serve > 0.2 && $serve < 40, "-d: $serve ms each");
ok(abs($avque * 4000 - $rw * 4 * ($wait + $serve)) < 250,
    "-d: Little's law: $avque requests, $rw/s of $wait + $serve ms");
ok($busy > 0 && $busy / 100 <= $avque + 0.06, "-d: busy $busy %");

# -q: of two programs that compute, one always runs and one waits. On an idle machine none waits.
($out, $err) = succeeds('sar -q', guest('while :; do :; done & while :; do :; done & '
        . "$bin/sar -q 2; kill %1 %2; sleep 1; $bin/sar -q 2", qw(--timing fast --clock 100000000)));
my @q = $out =~ /^$time( .*-)$/mg;
like($out, qr/^$time runq-sz %runocc swpq-sz %swpocc$/m, '-q: the heading');
my ($size, $occ) = $q[0] =~ /^ +(\d\.\d) +(\d+) +- +-$/;
ok($size >= 1 && $size < 1.2 && $occ >= 98, "-q: $size processes wait, $occ % of the time");
is($q[1], '                       -       -', '-q: if no process waits, blanks stand there, as on Solaris');

# ---- history (003-19) ----
($status, $out, $err) = guest("$bin/sar");
is($status, 2, 'sar without a recorder is refused');
like($err, qr{^sar: /var/adm/sa/sa\d\d: cannot be opened}, '... and says so');

my @epoch = ('--epoch', 811_382_400 + 3600); # 01:00
($status, $out, $err) = guest('sleep 2.5; ls -lR /bin >/dev/null; sleep 3; '
        . "ls /var/adm/sa; $bin/sar -a; $bin/sar -s 01:00:03 -e 01:00:04 -a; "
        . "$bin/sar -gva", @epoch, '--append', 'sadc=1');
is($status, 0, 'the recorder, started by the boot argument sadc=1') or diag($err);
my ($name, $whole, $part, $all) = split /^(?=Linux)/m, $out;
is($name, "sa18\n\n", 'the file of the day');
like($whole, qr/^$time\tunix restarts$/m, 'the file records that the system started');
my @h = $whole =~ /^(01:00:\d\d) +(?:\d+ +){2}\d+$/mg;
is_deeply(\@h, [ map { "01:00:0$_" } 1 .. 5 ], 'a line for every second');
my %at = map { (split)[ 0, 2 ] } grep { /^01:/ } split /\n/, $whole;
cmp_ok($at{'01:00:03'}, '>', 200, 'while ls runs, namei/s counts its paths');
cmp_ok($at{'01:00:05'}, '<', 20, '... a later second has few');
@h = $part =~ /^(01:00:\d\d) +(?:\d+ +){2}\d+$/mg;
is_deeply(\@h, ['01:00:04'], '-s and -e choose an interval');
is_deeply([ $all =~ /^$time +(iget|pgout|proc)/mg ], [qw(pgout proc iget)],
    'several reports come one after the other, in the order asked for');
($status, $out) = guest("$bin/sadc /tmp/x; $bin/sadc 0.5 3 /tmp/x; "
        . "$bin/sar -f /tmp/x -r; wc -c </tmp/x; echo y >>/tmp/x; "
        . "$bin/sar -f /tmp/x");
is($status, 2, 'a damaged file is refused');
like($out, qr/unix restarts\n(?:$time +\d+ +\d+\n){2}/,
    'a user\'s own file: a start, three records, two intervals');

done_testing();
