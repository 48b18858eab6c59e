#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Tests tools of Linux 2.6's time: pmap (002-4, 002-8), smem (002-6), vmstat, and the
# copy-on-write demonstration of document 002's slides with its four listings (002-7, 002-9..12).
use lib 'tests/lib';
use Clockhand;
no warnings 'portable';    # addresses of more than 32 bits
use List::Util qw(sum0);

my $cow = '/era/linux26/bin/cow';

# ---- cow ----

# Returns the `pmap -x` listings in a text: rows and the total line, in KiB.
sub listings {
    my @all;
    for my $text (split /^Address .*\n/m, shift) {
        my (@rows, $total);
        for (split /\r?\n/, $text) {
            my @w = split;
            tr/-/0/ for grep { $_ eq '-' } @w[ 1 .. $#w ];
            if (/^[0-9A-F]{8,} /) {
                my ($va, $kib, $rss, $anon, $locked, $mode) = @w;
                push @rows, { va => $va, kib => $kib, rss => $rss,
                    anon => $anon, locked => $locked, mode => $mode,
                    file => join ' ', @w[ 6 .. $#w ] };
            } elsif (/^total Kb/) {
                $total = { kib => $w[2], rss => $w[3], anon => $w[4], locked => $w[5] };
            }
        }
        push @all, { rows => \@rows, total => $total } if $total;
    }
    return @all;
}

sub totals { my $t = shift->{total}; return "@$t{qw(kib rss anon)}" }

my ($status, $out, $err) = guest($cow, '--ram', '32M');
is($status, 0, 'cow') or diag($err);
my @said = grep { !/^(\d|[0-9A-F]{8}|Address|---|total)/ } split /\n/, $out;
is_deeply(\@said, [
        'memory allocated but not touched...', 'memory touched...',
        'child has untouched cow pages', 'child writing to cow pages'
    ], 'cow prints the lines of the slides\' program');
my @l = listings($out);
is(@l, 4, 'four listings (002-9)');
is(totals($l[0]), '11216 964 84',      'totals: allocated');
is(totals($l[1]), '11216 11200 10320', 'totals: touched');
is(totals($l[2]), '11216 11200 36',    'totals: forked, the child');
is(totals($l[3]), '11216 11200 10280', 'totals: forked, the child has written');
for my $n (0 .. 3) {
    for my $column (qw(kib rss anon locked)) {
        is(sum0(map { $_->{$column} } @{ $l[$n]{rows} }),
            $l[$n]{total}{$column}, "listing $n: $column adds up");
    }
}
# Each row has (002-10): mode, file, Kbytes, RSS before and after the heap is touched, Anon before and after it.
my @slides = (
    [ 'r-x--', 'cow',       4,     4,   4,     0,  0 ],
    [ 'rwx--', 'cow',       4,     4,   4,     4,  4 ],
    [ 'rwx--', '[ heap ]',  10248, 8,   10244, 8,  10244 ],
    [ 'rwx--', '[ anon ]',  4,     4,   4,     4,  4 ],
    [ 'r-x--', 'libc.so.1', 740,   740, 740,   0,  0 ],
    [ 'rw---', 'libc.so.1', 24,    24,  24,    24, 24 ],
    [ 'rw---', 'libc.so.1', 8,     8,   8,     8,  8 ],
    [ 'rwx--', '[ anon ]',  24,    12,  12,    12, 12 ],
    [ 'r--s-', 'dev',       4,     4,   4,     0,  0 ],
    [ 'r-x--', 'ld.so.1',   132,   132, 132,   0,  0 ],
    [ 'rwx--', 'ld.so.1',   4,     4,   4,     4,  4 ],
    [ 'rwx--', 'ld.so.1',   8,     8,   8,     8,  8 ],
    [ 'rwx--', '[ stack ]', 12,    12,  12,    12, 12 ],
);
my @addresses = qw(08050000 08060000 08061000 CFEC0000 CFED0000 CFF99000
    CFF9F000 CFFB0000 CFFC0000 CFFCA000 CFFFB000 CFFFC000);
my @rows = map { [ @$_ ] } @slides;
for my $n (0 .. $#slides) {
    my ($a, $b) = ($l[0]{rows}[$n], $l[1]{rows}[$n]);
    (my $file = $a->{file}) =~ s/^dev:\d+,\d+ ino:\d+$/dev/;
    is_deeply([ $a->{mode}, $file, $a->{kib}, $a->{rss}, $b->{rss},
            $a->{anon}, $b->{anon} ], $slides[$n], "row $n: $slides[$n][1] $slides[$n][0]");
}
is_deeply([ map { s/^0+(?=.{8}$)//r } map { $_->{va} } @{ $l[0]{rows} } ]
        ->[ $_ ], $addresses[$_], "at $addresses[$_]") for 0 .. $#addresses;
# The cells of the child's listings that are legible on the slides (002-11).
sub anon_of {
    my ($listing, $n) = @_;
    return $l[$listing]{rows}[$n]{anon};
}
ok(anon_of(2, 2) <= 8, 'after the fork the child owns at most two pages of the heap');
is(anon_of(3, 2),  10240, 'after writing it owns 2560 of the 2561 pages');
is(anon_of($_, 5), 12, "listing $_: libc's data has 12 KiB of Anon") for 2, 3;
is(anon_of($_, 10), 4, "listing $_: ld's data has 4 KiB of Anon") for 2, 3;

# ---- cow of other sizes, against the machine's own view ----

# Three runs ask at the same moments: the first for process numbers, the second for mappings
# (json pmap), the third for the walk of every page in the child's and in the parent's page
# table. The runs are otherwise the same, because asking changes nothing.
my @moments = ('not touched', 'memory touched', 'untouched cow', 'writing to cow');
sub script {
    my ($kib, $ask) = @_;
    my @lines = ("expect \"# \" 60s", "send \"$cow 100 $kib\\n\"");
    for my $n (0 .. 3) {
        push @lines, "expect \"$moments[$n]\" 20s";
        # cow sleeps now; when it wakes, it prints the listing of this state.
        push @lines, 'run-for 90ms', "echo moment $n", $ask->($n),
            "echo end $n", 'expect "total Kb" 10s';
    }
    my $file = spew(tmp('cow.ch'), join "\n", grep({ length } @lines), "run-for 20ms\n");
    my ($status, $out, $err) = clockhand('--ram', '32M', '-x', $file);
    is($status, 0, "$kib KiB: script") or diag($err);
    return $out;
}
sub moment {
    my ($n, $out) = @_;
    my ($part) = $out =~ /^moment $n\n(.*?)^end $n$/ms;
    return map { json($_) } grep { /^[\[{]/ } split /\n/, $part // '';
}

for my $kib (64, 1200) {
    my $first = script($kib, sub { ('json info ps') });
    my (%pid, @pid);
    for my $n (0 .. 3) {
        my ($ps) = moment($n, $first);
        @pid = sort { $a <=> $b }
            map { $_->{pid} } grep { $_->{name} eq 'cow' } @$ps;
        $pid{$n} = $pid[-1];
    }
    is(@pid, 2, "$kib KiB: parent and child");
    my $second = script($kib, sub { "json pmap $pid{$_[0]}" });
    my @ours = listings($second);
    is(@ours, 4, "$kib KiB: four listings");
    my @maps = map { (moment($_, $second))[0]{mappings} } 0 .. 3;
    my @pages;
    for my $map (@{ $maps[0] }) {
        push @pages, map { $_ * 4096 }
            hex($map->{start}) / 4096 .. hex($map->{end}) / 4096 - 1;
    }
    my $third = script($kib, sub {
        my $n = shift;
        map { my $p = $_; map { sprintf 'json walk 0x%x %d', $_, $p } @pages }
            $n < 2 ? $pid{$n} : ($pid{$n}, $pid{0});
    });
    for my $n (0 .. 3) {
        my $map = $maps[$n];
        my $size = sum0(map { hex($_->{end}) - hex($_->{start}) } @$map);
        my $rss = sum0(map { $_->{resident_pages} } @$map);
        # Counts the anonymous pages that are not shared. In this program a mapping's
        # anonymous pages are either all shared or all private.
        my $anon = sum0(map { $_->{anon_pages} - $_->{shared_pages} }
            grep { $_->{anon_pages} } @$map);
        is(totals($ours[$n]), join(' ', $size / 1024, $rss * 4, $anon * 4),
            "$kib KiB, moment $n: the totals of json pmap");
        my @walk = moment($n, $third);
        my %mine = map { $_->{va} => $_->{pa} }
            grep { $_->{verdict} eq 'ok' } @walk[ 0 .. $#pages ];
        my %parents = map { $_->{va} => $_->{pa} }
            grep { $_->{verdict} eq 'ok' } @walk[ @pages .. $#walk ];
        my %private;
        for my $m (grep { $_->{rights} =~ /w.p/ } @$map) {
            for (my $va = hex $m->{start}; $va < hex $m->{end}; $va += 4096) {
                my $key = sprintf '0x%x', $va;
                $private{$key} = 1 if $mine{$key} && $mine{$key} ne ($parents{$key} // '');
            }
        }
        is(totals($ours[$n]), join(' ', @pages * 4, 4 * keys %mine,
                4 * keys %private),
            "$kib KiB, moment $n: the totals of the page tables");
    }
    my $array = $kib;
    is(join('; ', map { totals($_) } @ours), join('; ',
            map { join ' ', 976 + $array, @$_ } [ 964, 84 ],
            [ 960 + $array, 80 + $array ], [ 960 + $array, 36 ],
            [ 960 + $array, 40 + $array ]),
        "$kib KiB: the slides' totals, with another array");
}
for my $bad ('100 0', '100 7', '1 2 3') {
    ($status, $out) = guest("$cow $bad");
    is($status, 2, "cow $bad: refused");
}

# ---- pmap ----
($status, $out) = guest('/era/linux26/bin/pmap $$; cat /proc/$$/maps; '
        . 'ps -o pid,vsz | grep " *$$ "');
is($status, 0, 'pmap');
my @plain = $out =~ /^[0-9a-f]{16} +(\d+)K [-r][-w][-x][-s]- +\S/mg;
my ($total) = $out =~ /^ total +(\d+)K$/m;
my @maps = $out =~ /^[0-9a-f]+-[0-9a-f]+ /mg;
is(@plain, @maps, 'a row for every mapping');
is(sum0(@plain), $total, 'the rows add up to the total (002-4)');
my ($vsz) = $out =~ /^ *\d+ +(\d+m?)$/m;
is($vsz, $total, 'VSZ is that total, the trampoline\'s page included (002-5)')
    if defined $vsz && $vsz !~ /m/;
like($out, qr/^\d+:   sh -c/, 'the command line comes first');
like($out, qr{r-x--  /bin/busybox$}m, 'files by their path');
like($out, qr/rw---    \[ stack \]$/m, 'the stack by its name');
($status, $out, $err) = guest('/era/linux26/bin/pmap 99 1x');
is($status, 1, 'pmap of processes that do not exist');
is($err, "pmap: 99: no such process\npmap: 1x: no such process\n", '... says so');
($status) = guest('/era/linux26/bin/pmap');
is($status, 2, 'pmap without a process');

# ---- smem: memory by process (002-6) ----
($status, $out, $err) = guest('sh -c "sleep 1; :" & sh -c "sleep 1; :" & '
        . 'sleep 0.2; smem; grep -e AnonP -e Mapped /proc/meminfo');
is($status, 0, 'smem') or diag($err);
my @proc = map { my %p; @p{qw(pid name swap uss pss rss vsz)} = split; \%p }
    grep { /^ *\d+ [a-z]/ } split /\n/, $out;
my (%sum, %frames);
@sum{qw(swap uss pss rss vsz)} = $out =~ /^ +sum +(\d+) +(\d+) +(\d+) +(\d+) +(\d+)$/m;
@frames{qw(anon mapped)} = $out =~ /^in frames: (\d+) KiB anonymous, (\d+) KiB of files/m;
is((grep { $_->{name} eq 'sh' } @proc), 3, 'three shells');
is((grep { !($_->{uss} <= $_->{pss} && $_->{pss} <= $_->{rss}
                && $_->{rss} <= $_->{vsz}) } @proc), 0,
    'USS <= PSS <= RSS <= VSZ, for every process');
my $used = $frames{anon} + $frames{mapped};
ok(abs($sum{pss} - $used) <= 8 * @proc, "PSS adds up to the frames in use ($sum{pss}, $used)");
cmp_ok($sum{rss}, '>', 1.5 * $used, 'RSS adds up to far more');
cmp_ok($sum{vsz}, '>', $sum{rss}, 'and VSZ to more still');

# ---- vmstat ----
($status, $out, $err) = guest('vmstat 0.2 4; cat /proc/vmstat | '
        . 'grep "^pgpgin "; vmstat -h');
is($status, 0, 'vmstat') or diag($err);
my @v = split /\n/, $out;
is($v[0], 'procs -----------memory---------- ---swap-- -----io---- '
        . '-system-- ------cpu-----', 'its first header');
is($v[1], ' r  b   swpd   free   buff  cache   si   so    bi    bo   in   cs '
        . 'us sy id wa st', 'its second header');
my @names = split ' ', $v[1];
my @samples = map { my %s; @s{@names} = split; \%s } @v[ 2 .. 5 ];
is(scalar(split ' ', $_), @names, 'as many numbers as columns') for @v[2 .. 5];
for my $s (@samples) {
    my $cpu = sum0(@$s{qw(us sy id wa st)});
    ok($cpu >= 98 && $cpu <= 102, "processor time adds up ($cpu %)");
}
is($_->{bi}, 0, 'no reading while the guest sleeps') for @samples[ 2, 3 ];
ok($_->{id} >= 95, '... and the processor idles') for @samples[ 2, 3 ];
ok($samples[0]{bi} > 0, 'since start-up there was reading');
my $help = join ' ', grep { /^[a-z]/ } @v[ 7 .. $#v ];
like($help, qr/\b$_\b/, "-h explains $_ (003-18)") for @names;

# bi is pgpgin: a cold file of 772 KiB is read within one interval.
($status, $out) = guest('(sleep 0.3; cat /era/linux26/lib/libc.so.1 '
        . '>/dev/null) & vmstat 1 2; wait');
my ($bi) = (split ' ', (split /\n/, $out)[3])[8];
ok($bi >= 772 && $bi < 772 + 100, "bi: $bi KiB/s for 772 KiB in a second") or diag($out);

# ---- as /era/README says: PROGRAM -h works, and the shell finds the programs ----
($status, $out, $err) = guest('for p in /era/*/bin/* /era/bin/*; do echo "== $p"; '
        . 'timeout 5 $p -h 2>&1 | head -3; done; which cow smem vmstat');
is($status, 0, 'each program with -h') or diag($err);
my %said = $out =~ /^== (\S+)\n((?:(?!==).*\n)*)/mg;
for my $program (grep { !m{/sa1$} } sort keys %said) {
    my ($name) = $program =~ m{([^/]+)$};
    like($said{$program}, qr/^(?:\Q$name\E\b.*: |r  |-u\n|The recorder of)/,
        "$program -h describes the program");
}
like($out, qr{^/era/bin/cow\n/era/bin/smem\n/era/bin/vmstat$}m, 'cow, smem and vmstat are in PATH');
($status, $out) = clockhand(qw(--timing fast -x), spew(tmp('path.ch'), <<'END'));
expect "# " 60s
send "for f in /era/*/bin/*; do cmp -s $f $(command -v ${f##*/}) || echo he''re: $f; done; echo fin''ished\n"
expect "finished" 60s
END
is(join(' ', $out =~ /^here: (\S+)/mg), join(' ', map { "/era/$_" }
    qw(linux26/bin/ps linux26/bin/top solaris/bin/vmstat)), 'the shell finds all but these three');
for my $word (qw(ps top solaris/bin/vmstat)) {
    like(slurp('tools/mkroot'), qr/^The shell finds all of them but[^.]*\b\Q$word\E\b/m, "... README says so: $word");
}

done_testing();
