# SPDX-License-Identifier: MIT
# Draws lots: a policy, sizes of RAM and swap, values of tunables, programs that need more memory
# than there is, and runs the guest with them. A lot is a list of choices, one a text, so that a
# failing lot can be shrunk (Shrink.pm):
#   policy P   ram S   swap S   ad fault   append TEXT   set NAME=VALUE   write MS:NAME=VALUE   run CMD
#   for MS
# "write" changes a tunable MS milliseconds after the programs (run) have started together. With "for"
# the programs run again and again for that time.
package Lots;
use strict;
use warnings;
use Clockhand;
use Exporter ();
use Shrink;
our @ISA    = ('Exporter');
our @EXPORT = qw(lot_draw lot_run lot_options lot_command lot_shrink);

# The pressure lasts so long, in simulated milliseconds: long enough for the swapper of bsd43 and for
# 400 requests of a disk. The swappers of SunOS act after means over 30 s.
my ($PRESSURE, $LONG) = (4000, 60000);

my (%range, %own, @policies);

sub tables {
    return if %range;
    for (split /\n/, (clockhand('--set', 'list'))[1]) {
        /^(\S+)\s+(-?\d+)\.\.(-?\d+).*, default (-?\d+):/ or die "--set list: $_";
        $range{$1} = { min => $2, max => $3, preset => $4 };
    }
    @policies = (clockhand('--policy', 'list'))[1] =~ /^(\S+)/mg;
    # The tunables that a policy reads stand in one table.
    my $source = slurp('emu/inspect/display/sliders.c');
    my ($marks) = $source =~ /#define WATERMARKS "(.*)"/;
    $own{$1} = [ split ' ', ($2 ? $marks : '') . ($3 // '') ]
        while $source =~ /\{"(\w+)", (WATERMARKS)?\s*(?:"(.*?)")?\}/g;
    $_ = [ map { my $n = $_; $n =~ /\.$/ ? grep({ /^\Q$n/ } sort keys %range) : $n } grep { defined } @$_ ]
        for values %own;
    $own{$_} or die "sliders.c: $_" for @policies;
    return;
}

sub one_of { return $_[ rand @_ ] }

# Returns a whole number between the two, each order of magnitude as likely as the next.
sub scaled {
    my ($min, $max) = @_;
    return $min + int(exp(rand(log($max - $min + 1) + 1e-9))) - 1;
}

# Returns a value for the tunable: mostly within its range, extremes often. A machine of `frames`
# can use a number of frames up to that.
sub value {
    my ($name, $frames) = @_;
    my ($min, $max, $preset) = @{ $range{$name} }{qw(min max preset)};
    my $most = $max == 262144 ? $frames / 4 : $max;
    my $n = rand;
    return $n < .02 ? one_of($min - 1, $max + 1)
        : $n < .2 ? one_of($min, $max)
        : $n < .3 ? $min + int rand(1 + ($max - $min < 8 ? $max - $min : 8))
        : $n < .4 && $preset ? within(one_of(int($preset / 2), 2 * $preset, $preset - 1, $preset + 1), $min, $max)
        : scaled($min, $most);
}

sub within {
    my ($n, $min, $max) = @_;
    return $n < $min ? $min : $n > $max ? $max : $n;
}

# Tunables with which no program may start, or with which the machine rightly ends: drawn seldom.
my $rare = qr{^(?:vm\.(?:overcommit|max_map|panic|oom_kill|user_res|admin_res)|kernel\.)};

# Names of some tunables for the policy.
sub names {
    my ($policy, $own, $other) = @_;
    my %is_own = map { $_ => 1 } @{ $own{$policy} };
    return grep { rand() < ($is_own{$_} ? $own : /$rare/ ? $other / 4 : /^(?:vm|ufs)\./ ? $other : 0) }
        grep { $_ ne 'kernel.panic' } sort keys %range; # a restart would run the command again
}

# Returns one to three programs that check what they read, the first of which wants more than RAM.
sub programs {
    my ($ram, $limited) = @_; # MiB; true if a limit may refuse mappings
    my $kib = sub { 4 * int($ram * 256 * ($_[0] + rand $_[1])) };
    my $file = int($ram * 4 + rand $ram * 4); # blocks of 16 KiB: at most an eighth of RAM
    $file = 200 if $file > 200;
    my $copy = sub {
        my $d = shift;
        return "dd if=/dev/urandom of=$d/a bs=16k count=$file 2>/dev/null; cp $d/a $d/b; "
            . "cmp $d/a $d/b; rm $d/a $d/b";
    };
    my @big = ((map { "/tests/pressure $_ " . $kib->(1, 2) } qw(private shared moved)),
        '/tests/hot_cold ' . join(' ', map { int($ram * 256 * $_) } .1, .3, 1.5),
        '/tests/locked ' . $kib->(.05, .1) . ' ' . $kib->(1, 2) . ' /era/linux26/lib/libc.so.1',
        'hog 2x');
    my @small = (
        '/tests/pressure swapoff ' . $kib->(.2, .6), '/tests/inherited ' . $kib->(.2, .3) . ' ' . $kib->(.5, .5),
        '/tests/crowd ' . int(20 + rand 100), $copy->('/root'), $copy->('/tmp'),
        'seqread -c ' . $kib->(.3, .5) . 'K -m /root/s 3; rm /root/s',
        'seqread -c ' . $kib->(.3, .5) . 'K /root/t 3; rm /root/t',
        'randread -m /bin/busybox 2000', 'time forktree 4 2 256K', 'ccmix 4 0.2x',
        'deep() { [ $1 = 0 ] || deep $(($1 - 1)); }; deep 900',
        'for i in 1 2 3; do ls -lR /bin /era | md5sum; done');
    # These take a refused mapping for an error.
    push @small, map { '/tests/vmstress ' . int(rand 1e6) . " 1500$_" } '', ' huge', ' huge' if !$limited;
    return one_of(@big), map { one_of(@big, @small) } 1 .. rand 3;
}

sub lot_draw {
    my ($seed) = @_;
    tables();
    srand $seed;
    my $policy = $policies[$seed % @policies]; # all of them come equally often
    my $ram = one_of(6, 7, 8, 8, 10, 12, 16, 24);
    my @lot = ("policy $policy", "ram ${ram}M", 'swap ' . one_of(0, '2M', '8M', '16M', '32M', '32M', '64M'));
    push @lot, 'ad fault' if rand() < .15;
    push @lot, 'append ' . one_of('zone.dma=', 'highmem=') . one_of(1, 2, 3) . 'M'
        if $policy =~ /^linux|kpaged/ && rand() < .25;
    push @lot, "append allocfail=" . one_of(40, 300) if rand() < .08;
    push @lot, map { "set $_=" . value($_, $ram * 256) } names($policy, .4, .15);
    push @lot, map { 'write ' . scaled(10, $PRESSURE / 2) . ":$_=" . value($_, $ram * 256) } names($policy, .15, .04);
    push @lot, "for $LONG" if $policy =~ /^(?:bsd|sun|sol)/ && rand() < .1;
    # By default the kernel refuses to promise so much.
    push @lot, 'set vm.overcommit_memory=1' if !grep { /vm.overcommit_memory/ } @lot;
    return @lot, map { "run $_" } programs($ram, scalar grep { /max_map|overcommit_memory=[^1]|allocfail/ } @lot);
}

# The time, in simulated seconds, within which all must have ended once the pressure is off. The disk
# can write each frame of RAM and read it again, each with a seek of its own (10 ms), and the slowest
# daemon of period systems has made a round (30 s).
sub patience {
    my ($ram) = @_; # MiB
    return 30 + .02 * $ram * 256;
}

# Returns clockhand's options for the lot.
sub lot_options {
    my @lot = @_;
    my ($policy, $ram, $pressure, @options, @append, @writes, @runs) = ('clock', 16, $PRESSURE);
    for (@lot) {
        my ($what, $rest) = /^(\w+) (.*)$/s;
        if ($what eq 'policy') { $policy = $rest }
        elsif ($what eq 'ram') { ($ram) = $rest =~ /(\d+)/ }
        elsif ($what eq 'for') { $pressure = $rest }
        elsif ($what eq 'append') { push @append, $rest }
        elsif ($what eq 'write') { push @writes, $rest =~ s{:([^=]*)}{':/proc/sys/' . $1 =~ tr{.}{/}r}er }
        elsif ($what eq 'run') { push @runs, $rest }
        else { push @options, "--$what", $rest }
    }
    @writes = sort { $a =~ s/:.*//r <=> $b =~ s/:.*//r } @writes;
    @runs = map { "while :; do $_; sleep 1; done" } @runs if $pressure != $PRESSURE;
    my $all = join ' ', map({ "{ $_; } &" } @runs), 'wait';
    return ('--timing', 'fast', '--policy', $policy, '--ram', "${ram}M", @options,
        @append ? ('--append', "@append") : (),
        '--max-sim-time', int($pressure / 1000 + patience($ram)) . 's',
        '--run', "exec /tests/lot $pressure '$all' @writes");
}

# Returns the command that plays the lot, for a shell.
sub lot_command {
    return join ' ', build() . '/clockhand', map { /[^\w.,:\/=-]/ ? "'" . s/'/'\\''/gr . "'" : $_ } lot_options(@_);
}

# What the programs and the shell print if something is wrong.
my $complaint = join '|', '(?:is|are|[1-9]\d* (?:words|pages)) wrong', 'WRONG', 'audit.*error (?!12\b)', 'differ', 'not the same',
    'inherited: .* [1-9]\d* errors', 'MemAvailable is', 'Segmentation', 'Bus error', 'Illegal';

# Runs the lot. Returns what is wrong, in words without numbers, or ''. $refused is set to the tunable
# if the lot was refused because of it. \%seen, if given, gets the counters and reasons of events.
sub lot_run {
    my ($lot, $refused, $seen) = @_;
    my ($stats, $events) = (tmp('lot.stats'), tmp('lot.events'));
    unlink $stats, $events;
    local $ENV{TEST_TIMEOUT} = $ENV{TEST_TIMEOUT} || 120;
    my ($status, $out, $err) = clockhand(lot_options(@$lot), '--stats', $stats,
        $seen ? ('--events', $events) : ());
    s/\r//g for $out, $err;
    $err =~ s{^clockhand: --run: memory was exhausted: .*\n}{}mg; # an OOM kill is no fault
    my ($panic) = $err =~ /^(?:clockhand|Kernel panic): (.*)/m;
    my %set = map { /^set (\S+)=/ ? ($1 => 1) : () } @$lot;
    my ($names) = ($panic // '') =~ /^(\S+): -?\d+ is not in -?\d+\.\.\d+$/;
    ($names) = $panic =~ /^cannot start the first program: error 12, with (\S+)=/ if defined $panic && !$names;
    if ($status == 2 && $names && $set{$names}) {
        $$refused = $names if $refused;
        return '';
    }
    if ($seen && -s $stats) {
        my $k = json(slurp($stats))->{kernel};
        $seen->{counter}{$_}++ for grep { $k->{$_} } keys %$k;
        my $all = qx(cut -d, -f6 $events | sort -u);
        $seen->{reason}{$_}++ for split /\n/, $all;
    }
    return $panic =~ s/\b0x[0-9a-f]+|\d+/N/gr
        if defined $panic && !($panic =~ /panic_on_oom is selected/ && grep { /vm\.panic_on_oom=1/ } @$lot)
        && !($panic =~ /deadlock/ && grep { /vm\.panic_on_deadlock=1/ } @$lot);
    return 'hang: not all tasks ended' if $status == 124;
    return "status $status" if $status > 128 && $status != 137;
    # As in Linux, exec ends a program by SIGSEGV if its mappings would be too many, or an allocation fails.
    $err =~ s/^Segmentation fault\n//mg
        if grep { /^append allocfail=/ || /:vm\.max_map_count=(\d+)$/ && $1 < 16 } @$lot;
    my ($wrong) = "$out$err" =~ /^(.*(?:$complaint).*)$/m;
    return $wrong =~ s/\d+/N/gr if defined $wrong;
    return '';
}

# Returns simpler forms of a choice, the simplest first.
sub simpler {
    my ($choice) = @_;
    return 'ram 16M', 'ram 8M' if $choice =~ /^ram/;
    return 'swap 32M', 'swap 0' if $choice =~ /^swap/;
    my ($before, $name, $value) = $choice =~ /^((?:set |write \d+:)(\S+)=)(-?\d+)$/ or return;
    my %seen = ($value => 1);
    return map { "$before$_" } grep { !$seen{$_}++ } 1, $range{$name}{min}, $range{$name}{max};
}

# Shrinks a failing lot. Returns the choices that are left.
sub lot_shrink {
    my ($lot, $wrong) = @_;
    tables();
    my ($policy) = grep { /^policy/ } @$lot;
    return ($policy, shrink([ grep { !/^policy/ } @$lot ],
        sub { lot_run([ $policy, @_ ]) eq $wrong }, simpler => \&simpler, tries => 120));
}

1;
