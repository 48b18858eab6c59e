#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# This test writes a recorder's file with known numbers. sar must print it exact to the byte
# in the formats of Solaris's sar (003-8, 003-19), and three of the reports as document 003
# shows them. Then sar -k, sar -y and vmstat's reports are compared
# with other answers of the kernel.
use lib 'tests/lib';
use Clockhand;

my $bin = '/era/solaris/bin';

# ---- a file of records ----

my (@names, %level);
for my $def (qw(gauges counters)) {
    my $row = uc $def =~ s/s$//r;
    for my $name (slurp("guest/abi/$def.def") =~ /^$row\(\w+, "(\w+)"/mg) {
        $level{$name} = $def eq 'gauges' && ($level{procs_ready} || $name eq 'procs_ready');
        push @names, $name;
    }
}
my $day = 811_382_400; # 18 September 1995

# Packs a record: seconds of the day, valid (0: a restart), values by name (missing: -1).
sub record {
    my ($at, $valid, %value) = @_;
    return pack 'L<4 q<*', 0x31304153, scalar @names, $valid, 0, $day + $at,
        map { defined $value{$_} ? $value{$_} : -1 } @names;
}

# Returns what sar OPTIONS prints for the records, without the line of system and day.
sub sar_of {
    my ($options, @records) = @_;
    my ($out, $err) = succeeds("sar $options", run_command(join('', @records),
        build() . '/clockhand', '--run', "cat > /tmp/x; $bin/sar -f /tmp/x $options"));
    like($out, qr{^\nLinux clockhand \S+ .+ riscv64    09/18/95\n},
        "sar $options: begins with system and day");
    return $out =~ s/^\n.*\n//r;
}

# Returns two records an hour apart. The first has the same levels (gauges from procs_ready on), but zero counters.
sub hour {
    my %v = @_;
    my %zero = map { $_ => 0 } keys %v;
    @zero{ grep { $level{$_} } keys %v } = @v{ grep { $level{$_} } keys %v };
    return (record(1, 1, uptime => 0, %zero), record(3601, 1, uptime => 3_600_000_000, %v));
}

# ---- document 003's samples, in the columns of the original ----
is(sar_of('-a', hour(iget => 4 * 3600, namei => 6 * 3600, dirblk => 0)),
    "\n00:00:01  iget/s namei/s dirbk/s\n01:00:01       4       6       0\n",
    'sar -a as in document 003, byte for byte');
is(sar_of('-g', hour(pgout => 72, ppgout => 72, dfree => 288,
            pgscan_kswapd => 400, pgscan_direct => 32, ufs_ipage => 0, ufs_inopage => 9)),
    "\n00:00:01  pgout/s ppgout/s pgfree/s pgscan/s %ufs_ipf\n"
        . "01:00:01     0.02     0.02     0.08     0.12     0.00\n",
    'sar -g as in document 003, byte for byte');
is(sar_of('-v', hour(procs => 66, proc_max => 506, proc_ovf => 0,
            inodes => 2108, inode_max => 2108, inode_ovf => 0, files => 353,
            file_ovf => 0, locks => 0)),
    "\n00:00:01  proc-sz    ov  inod-sz    ov  file-sz    ov   lock-sz\n"
        . "01:00:01   66/506     0 2108/2108    0  353/353     0    0/0   \n",
    'sar -v as in document 003, byte for byte');

# ---- small and huge numbers, in all reports: Solaris's formats, in which a
# cell that is too wide pushes the following cells to the right ----
my %format = (
    u => ' %7.0f %7.0f %7.0f %7.0f', c => ' %7.0f %7.0f %7.0f %7.2f %7.2f %7.0f %7.0f',
    a => ' %7.0f %7.0f %7.0f', b => ' %7.0f' x 8, w => ' %7.2f %7.1f %7.2f %7.1f %7.0f',
    p => ' %7.2f' x 6, g => ' %8.2f' x 5, r => ' %7.0f %8.0f', y => ' %7.0f' x 6,
    v => ' %4u/%-4u %4u %4u/%-4u %4u %4u/%-4u %4u %4u/%-4u',
    k => ' %7.0f %7.0f %5.0f %7.0f %7.0f %5.0f %11.0f %5.0f', q => ' %7.1f %7.0f' x 2,
    d => ' %7.0f %7.1f %7.0f %7.0f %7.1f %7.1f', m => ' %7.2f' x 2,
);
# Formats the cells of report -$o; "-" and blanks stand in place of missing numbers.
sub line {
    my ($o, @cells) = @_;
    my $text = '';
    for my $f ($format{$o} =~ /[ \/]%-?[\d.]+[fu]/g) {
        my $v = shift @cells;
        $f =~ s/(\d+)(?:\.\d+)?[fu]$/$1s/ if $v eq '-' || $v eq '';
        $text .= sprintf $f, $v;
    }
    return $text;
}
my $s = 3600;
for my $k (1, 1000, 1_000_000) {
    my %of = (
        u => [ { cpu_user => 9e6, cpu_system => 6e6, cpu_wait => 5e6, cpu_idle => 80e6 },
            9, 6, 5, 80 ],
        a => [ { iget => 123 * $k * $s, namei => 45678 * $k * $s, dirblk => 9 * $k * $s },
            123 * $k, 45678 * $k, 9 * $k ],
        c => [ { syscalls => 4321 * $k * $s, sysread => 0, syswrite => 7 * $k * $s,
                forks => 108 * $k, execs => 36 * $k, readch => 1234567 * $k * $s,
                writech => 89 * $k * $s },
            4321 * $k, 0, 7 * $k, $k * .03, $k * .01, 1234567 * $k, 89 * $k ],
        b => [ { lread => 800 * $k * $s, bread => 200 * $k * $s, lwrite => 0, bwrite => 0 },
            200 * $k, 800 * $k, 75, 0, 0, 100, '-', '-' ],
        w => [ { swapin => 36 * $k, swapout => 72 * $k, pgswapout => 3 * $k * $s,
                ctxt => 12345 * $k * $s },
            $k / 100, '-', $k / 50, 24 * $k, 12345 * $k ],
        p => [ { pgfrec => 72 * $k, pgin => 36 * $k, ppgin => 360 * $k,
                cow_copied => 30 * $k, cow_reused => 6 * $k, pgfault => 123456 * $k * $s },
            $k * .02, $k * .01, $k * .1, $k * .01, 123456 * $k, '-' ],
        g => [ { pgout => 36 * $k, ppgout => 360 * $k, dfree => 36000 * $k,
                pgscan_kswapd => 99999 * $k * $s, ufs_ipage => 1, ufs_inopage => 2 },
            $k * .01, $k * .1, $k * 10, 99999 * $k, 100 / 3 ],
        r => [ { freemem => 98 * $k, swap_unreserved => 12345 * $k }, 98 * $k, 98760 * $k ],
        y => [ { rawch => 9 * $k * $s, canch => 8 * $k * $s, outch => 765432 * $k * $s,
                rcvin => $k * $s }, 9 * $k, 8 * $k, 765432 * $k, $k, '-', '-' ],
        v => [ { procs => 7 * $k, proc_max => 128 * $k, proc_ovf => $k, inodes => 30 * $k,
                inode_max => 40 * $k, inode_ovf => 3, files => 9 * $k, file_ovf => 0, locks => 2 },
            7 * $k, 128 * $k, $k, 30 * $k, 40 * $k, 3, 9 * $k, 9 * $k, 0, 2, 2 ],
        k => [ { kmem_small_mem => 4096 * $k, kmem_small_alloc => 4000 * $k,
                kmem_small_fail => 3, kmem_large_mem => 81920 * $k,
                kmem_large_alloc => 77777 * $k, kmem_large_fail => $k,
                kmem_oversize => 12288 * $k, kmem_oversize_fail => 0 },
            4096 * $k, 4000 * $k, 3, 81920 * $k, 77777 * $k, $k, 12288 * $k, 0 ],
        q => [ { runque => 5400e6, runocc => 1800e6, swpque => 0, swpocc => 0 }, 3, 50, '', '' ],
        m => [ {}, '-', '-' ],
        d => [ { disk0 => 50 * $k * $s, disk0_blocks => 320 * $k * $s, disk0_busy => 900e6,
                disk0_wait => 1800e6, disk0_serve => 7200e6 },
            25, 2.5, 50 * $k, 320 * $k, 500 / 50 / $k, 2000 / 50 / $k ],
    );
    # One boot prints all reports, one after the other, in the order asked for.
    my @order = qw(k d y v u a c b w p g r q m);
    my %all = map { %{ $of{$_}[0] } } @order;
    my $out = sar_of('-' . join('', @order), hour(%all));
    my @told = map { [ split /\n+/ ] } split /^\n(?=00:00:01 )/m, $out;
    shift @told if !@{ $told[0] };
    is(@told, @order, "x $k: one report after the other");
    for my $n (0 .. $#order) {
        my ($o, @cells) = ($order[$n], @{ $of{ $order[$n] } });
        shift @cells;
        is($told[$n][1], '01:00:01' . ($o eq 'd' ? '   vda        ' : '')
                . line($o, @cells), "x $k: -$o to the byte");
    }
}
# Halves are rounded to even, as by printf.
is(sar_of('-a', hour(iget => 1800, namei => 5400, dirblk => 9000)),
    "\n00:00:01  iget/s namei/s dirbk/s\n01:00:01       0       2       2\n",
    '0.5, 1.5 and 2.5 a second are rounded to 0, 2 and 2');

# ---- several lines: averages, restarts, -i, -s and -e, disks ----
my $n = 0;
my @day = map { record($_ * 600, 1, uptime => $_ * 600e6, iget => $_ * $_ * 600,
        namei => 0, dirblk => 0, freemem => 100 + $_ % 2, swap_unreserved => 1000,
        map { ("disk$_" => $n, "disk${_}_blocks" => 8 * $n, "disk${_}_busy" => 0,
                "disk${_}_wait" => 0, "disk${_}_serve" => $n++ * 5000) } 0, 1) } 0 .. 6;
is(sar_of('-a', @day), "\n00:00:00  iget/s namei/s dirbk/s\n"
        . join('', map { sprintf "00:%02d:00 %7d       0       0\n", $_ * 10, 2 * $_ - 1 } 1 .. 5)
        . "01:00:00      11       0       0\n\nAverage        6       0       0\n",
    'intervals and their average');
is(sar_of('-a -i 1200', @day), "\n00:00:00  iget/s namei/s dirbk/s\n"
        . "00:20:00       2       0       0\n00:40:00       6       0       0\n"
        . "01:00:00      10       0       0\n\nAverage        6       0       0\n",
    '-i 1200: every other record');
is(sar_of('-ai1200 -s 00:10 -e 00:40:30', @day), "\n00:10:00  iget/s namei/s dirbk/s\n"
        . "00:30:00       4       0       0\n", '-s, -e, and -i bundled with -a, as getopt allows');
is(sar_of('-s 00:40 -r', @day), "\n00:40:00 freemem freeswap\n"
        . "00:50:00     101     8000\n01:00:00     100     8000\n\n"
        . "Average      100     8000\n", 'an average of levels');
is(sar_of('-a', @day[ 0, 1 ], record(650, 0), record(660, 1, uptime => 0, iget => 0,
            namei => 0, dirblk => 0), record(720, 1, uptime => 60e6, iget => 60, namei => 0, dirblk => 0)),
    "\n00:00:00  iget/s namei/s dirbk/s\n00:10:00       1       0       0\n"
        . "00:10:50\tunix restarts\n00:12:00       1       0       0\n\n"
        . "Average        1       0       0\n", 'a restart between two records');
my $disks = join '', map { sprintf "%s   vda               %s\n           vdb               %s\n\n",
    $_, ('0     0.0       0       0     0.0     5.0') x 2 } '00:50:00', '01:00:00';
like(sar_of('-s 00:40 -d', @day), qr/^\n00:40:00   device   [^\n]*\n\n$disks\nAverage    vda /,
    '-d: a blank line follows the heading, and the rows of each time');
my ($status, $out, $err) = guest("$bin/sar -s 2:00 -e 1:00");
is($status, 2, 'an end before the start is refused');
like($err, qr/^sar: ending time <= starting time\nusage: sar \[-ubdycwaqvmpgrkA\]/, '... and says so');

# ---- -k: kernel memory ----
($out) = succeeds('sar -k', guest("mkdir /tmp/d; cd /tmp/d; $bin/sar -k 1; i=0; "
        . 'while [ $i -lt 400 ]; do : > name-$i; i=$((i+1)); done; '
        . "$bin/sar -k 1; grep Slab: /proc/meminfo"));
my @k = map { [split] } $out =~ /^\d\d:\d\d:\d\d( +\d.*)$/mg;
is(@k, 2, 'before and after 400 files in memory');
ok($k[1][1] - $k[0][1] >= 400 * 128 && $k[1][1] <= $k[1][0] && $k[1][4] <= $k[1][3],
    'names and inodes are objects of the pools') or diag($out);
my ($slab) = $out =~ /^Slab: +(\d+) kB/m;
ok(abs($k[1][0] + $k[1][3] + $k[1][6] - $slab * 1024) <= 3 * 4096,
    "the pools are /proc/meminfo's Slab ($slab kB)") or diag($out);
($status, $out) = guest('i=0; while [ $i -lt 300 ]; do mkdir /tmp/n$i 2>/dev/null; i=$((i+1)); done; '
        . "for i in 1 2 3 4 5; do $bin/sar -k 1 && break; done", '--append', 'allocfail=31');
my @fail = (split ' ', ($out =~ /^\d\d:\d\d:\d\d( +\d.*)$/m)[0] // '')[ 2, 5, 7 ];
cmp_ok(($fail[0] // 0) + ($fail[1] // 0), '>', 0,
    '-k: counts requests that were refused') or diag($out);

# ---- -y: characters typed and shown ----
my $script = spew(tmp('tty.ch'), <<"END");
expect "# " 60s
send "$bin/sar -y 8; cat /proc/counters\\n"
run-for 2s
send "four\\n"
expect "thrashing 0" 20s
expect "# " 10s
END
($out) = succeeds('sar -y', clockhand('-x', $script));
my ($raw, $can, $outch, $rcv) = $out =~ /^\d\d:\d\d:\d\d +(\d+) +(\d+) +(\d+) +(\d+) +- +-\r?$/m;
# Five characters come in (and six are echoed, besides sar's heading): 5 / 8 a second, rounded to 1.
is_deeply([ $raw, $can ], [ 1, 1 ], '-y: five characters, one line, in eight seconds')
    or diag($out);
my %c = $out =~ /^(\w+) (\d+)\r?$/mg;
is($c{rawch}, length "$bin/sar -y 8; cat /proc/counters\nfour\n", 'rawch: the characters typed');
is($c{canch}, 5, 'canch: characters typed in canonical mode; the shell reads byte by byte');
cmp_ok($c{outch}, '>', 200, 'outch: the characters shown');

# ---- vmstat -i, -S, -c, disks ----
($status, $out, $err) = guest("cat /bin/busybox > /dev/null; $bin/vmstat -i; cat /proc/interrupts; "
        . "$bin/vmstat -s", '--swap', '8M');
is($status, 0, 'vmstat -i') or diag($err);
like($out, qr/^interrupt         total     rate\n-{32}\nclock        +(\d+) +\d+\nvda          +(\d+) +\d+\nvdb          +\d+ +\d+\nttyS0                 0        0\n-{32}\nTotal        +\d+ +\d+\n/,
    '-i: Solaris\'s table, our devices');
my %irq = $out =~ /^(clock|vda|vdb|ttyS0|Total) +(\d+)/mg;
is($irq{Total}, $irq{clock} + $irq{vda} + $irq{vdb}, 'the total is the sum of the clock and the disks');
my ($timer) = $out =~ /^  T: +(\d+)  timer$/m;
ok($irq{clock} <= $timer && $timer <= $irq{clock} + 5 && $irq{vda} > 10,
    '... the counts of /proc/interrupts');
my ($intr) = $out =~ /^ +(\d+) device interrupts$/m;
ok($intr >= $irq{Total} && $intr <= $irq{Total} + 20, '... and of vmstat -s, a little later');
like($out, qr/^ +(\d+) total name lookups \(cache hits \d+%\)$/m,
    '-s: lookups and the share that hits');
is(($out =~ /^ +\d+ vforks$/m) + ($out =~ /^ +- micro/m), 2, '-s: vforks and micro faults have a line');
($status, $out) = guest("$bin/vmstat -S; $bin/vmstat vdb 1 1; $bin/vmstat -c; $bin/vmstat -qp 1 1", '--swap', '8M');
is($status, 0, 'vmstat -S, vmstat DISK, vmstat -c');
my @v = split /\n/, $out;
is($v[1], ' r b w   swap  free  si  so pi po fr de sr s0 s1 s2 s3   in   sy   cs us sy id',
    '-S: si and so where re and mf were');
is($v[4], ' r b w   swap  free  re  mf pi po fr de sr s1 s0 s2 s3   in   sy   cs us sy id',
    'vdb comes first');
is_deeply([ @v[ 6 .. 8 ] ], [ 'flush statistics: (totals)',
        '     usr     ctx     rgn     seg     pag     par', '       -' x 6 ], '-c: nothing to flush');
for my $bad ('vde', 'vda vda', '-x', 'sd0') {
    ($status, $out, $err) = guest("$bin/vmstat $bad");
    is("$status $err", "1 Usage: vmstat [-chipqsS] [disk ...] [interval [count]]\n", "vmstat $bad: refused");
}
# Whole processes are swapped out and in: -S prints the rate a second, -s the total.
($status, $out, $err) = guest("(for i in 1 2 3 4; do /tests/pressure private 6000 > /dev/null & done; wait) & "
        . "$bin/vmstat -S 60 2; $bin/vmstat -s; wait", '--policy', 'bsd43', qw(--ram 8M --swap 64M --timing fast));
is($status, 0, 'vmstat -S under bsd43') or diag($err);
my ($si, $so) = (split ' ', (split /\n/, $out)[3])[ 5, 6 ];
my ($ins, $outs) = $out =~ /^ +(\d+) swap ins\n +(\d+) swap outs$/m;
ok($outs > 3 && abs($so - $outs / 60) <= .5 + .01 * $outs && abs($si - $ins / 60) <= .5 + .01 * $ins,
    "so and si are swap outs ($outs) and ins ($ins) a second");
done_testing();
