#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# A machine runs, goes back and forward, marks, branches, saves and loads at random, under random
# policies, sizes and programs. At every halt the monitor's answers must agree with each other where
# two sources know the same fact, and all must equal the answers of a machine that ran straight
# there. SOAK=1 runs for an hour; SEED=N runs that sequence alone; POLICY=P runs under that policy.
use lib 'tests/lib';
use List::Util qw(max sum0);
use Clockhand;
use Monitor;

my @policies = $ENV{POLICY} || qw(clock linux612 solaris8 mach97 arc linux24 bsd43 kpaged);
my @programs = ('hog 1.2x 0', 'hog 3M & forktree; hog 5M; wait', 'thrash',
    'seq 1 3000 | sort -rn | tail -1; ls -lR /etc; cp -r /era /root/e; rm -r /root/e',
    'dd if=/dev/zero of=/root/x bs=64k count=40; cat /root/x; rm /root/x; cat /bin/*');
my @typed = ('\n', 'ls -l /etc\n', 'true; true\n', 'hog 2M\n');
my @counters = qw(pgfault pgalloc pgfree pswpout cow_copied demand_zero forks ra_pages);
my @questions = ('hash', 'print lens.busy', 'print cycle',
    (map { "json info $_" } 'frames anonymous', 'events 256', grep { !/^(?:events|history|status)$/ } infos()),
    map { "json why $_" } @counters);

# Starts a machine and, at its first prompt, the program; returns its monitor.
sub start {
    my $way = shift;
    my $m = Monitor->new(@{ $way->{options} });
    $m->ask('console off', 'profile on 5000', 'expect "# " 60s', $way->{start});
    return $m;
}

# Returns all answers at this halt, by question.
sub look {
    my $m = shift;
    my %a = map { $_ => $m->ask($_) } @questions;
    my ($pfn) = $a{'json info events 256'} =~ /"pfn":(\d+)/;
    my @more = $a{'print lens.busy'} =~ /\b0$/m ? 'json audit' : ();
    $a{$_} = $m->ask($_) for @more, 'json why ' . ($pfn // 1000),
        map { "json pmap $_" } $a{'json info ps'} =~ /"pid":(\d+)/g;
    return \%a;
}

# Returns a line for each answer that a second source contradicts.
sub disagreements {
    my $a = shift;
    my @wrong;
    my $is = sub { push @wrong, "$_[0]: $_[1], not $_[2]" if $_[1] ne $_[2] };
    my %j = map { $_ => json($a->{$_}) } grep { /^json (?!info (?:tlb|frames a))/ } keys %$a;
    my ($now) = $a->{'print cycle'} =~ /(\d+)/;
    my $p = $j{'json info profile'};
    $is->('the profile', sum0(map { $_->{cycles} } @{ $p->{functions} }), $p->{profiled});
    $is->('causes', sum0(@$p{qw(issue interlock branch icache dcache walk dram trap idle)}), $now);
    my %later;
    for my $e (@{ $j{'json info events 256'} }) { # the latest first
        my $pfn = $e->{pfn} // next;
        push @wrong, "event $e->{number} is of the future" if $e->{cycle} > $now;
        my $l = $later{$pfn};
        $is->("frame $pfn before event $l->{number}", $e->{to}, $l->{from}) if $l;
        push @wrong, "event $l->{number} lost its page's address"
            if $l && !$l->{va} && $e->{va} && $l->{from} =~ /^(anonymous|cow-shared)$/;
        $later{$pfn} = $e;
    }
    for my $w (@j{ map { "json why $_" } @counters }) { # may differ by 1: a halt between count and event
        push @wrong, "$w->{counter}: $w->{value}, events: $w->{total}"
            if abs($w->{value} - $w->{total} - ($w->{before_events} // 0)) > 1;
    }
    my $vm = $j{'json info vm'};
    my ($taken, $stolen) = ($j{'json info belief'}{victims}, $vm->{pgsteal_kswapd} + $vm->{pgsteal_direct});
    push @wrong, "$taken pages taken, of $stolen" # fewer is fine: some are on their way to the disk
        if $taken > $stolen + 1 && $vm->{'vm.policy'} ne 'mach97'; # its pagers take pages, too
    my $audit = $j{'json audit'} // return @wrong; # none: the kernel is changing its tables
    $is->('audit', $audit->{first}, '');
    for my $proc (@{ $j{'json info ps'} }) {
        my $areas = $j{"json pmap $proc->{pid}"}{areas} // next;
        $is->("RSS of $proc->{pid}", sum0(map { $_->{resident_pages} } @$areas), $proc->{rss_frames});
    }
    return @wrong;
}

sub one_of { return $_[ rand @_ ] }

# Returns two answers from a little before their first difference on.
sub differ {
    my ($x, $y) = @_;
    my $same = max(0, (($x ^ $y) =~ /^(\0*)/ ? length $1 : 0) - 40);
    return join "\n  ", map { substr($_, $same, 160) =~ s/\n.*//sr } $x, $y;
}

# Takes random steps, chosen by the seed. Fails if answers disagree after a step, or differ from
# those of a machine that ran straight there. A timeline ($line) is what was typed, and when.
sub sequence {
    my ($seed, $policy) = @_;
    srand $seed;
    my $program = one_of(@programs);
    my %way = (start => qq(send "while :; do $program; done >/dev/null &\\n"),
        options => [ '--policy', $policy, '--ram', one_of('8M', '10M', '16M'), '--swap',
            one_of('16M', '64M'), '--timing', one_of('fast', 'cycle'), '--disk-model',
            one_of('nvme', 'cheetah9lp') ]);
    my $m = start(\%way);
    my ($line, $first, $file) = ('', $m->value('cycle'), tmp('m.sav'));
    my ($aside, $saved, $loaded, @marks, %at, @log, @wrong);
    for my $step (1 .. 14) {
        my $now = $m->value('cycle');
        my $do = $step == 1 ? 'run' : one_of(qw(run run back back mark branch leave save load fresh));
        my $past = $m->facts('info history');
        next if $do eq 'branch' && (!$past->{past} || $past->{branched})
            or $do eq 'leave' && !$past->{branched} or $do =~ /load|fresh/ && !defined $saved;
        if ($do eq 'run') {
            $m->ask('goto ' . ($now + 1 + int rand 150_000_000));
        } elsif ($do eq 'back') {
            my $from = max($first, $past->{first});
            $m->ask('goto ' . ($from + int rand($now - $from)));
        } elsif ($do eq 'mark') {
            $m->ask('goto ' . one_of(@marks)) if @marks;
            push @marks, "m$step";
            $m->ask("mark m$step");
        } elsif ($do eq 'branch') {
            my $typed = one_of(@typed);
            ($aside, $line, @marks) = ($line, "$line$now $typed|");
            $m->ask('branch', qq(send "$typed"), 'run-for 30ms');
        } elsif ($do eq 'leave') {
            ($line, @marks) = ($aside);
            $m->ask('branch leave');
        } elsif ($do eq 'save') {
            # a save holds what was typed up to now, not what was typed later
            $saved = join '', grep { /^(\d+)/ && $1 <= $now } $line =~ /[^|]+\|/g;
            $m->ask("save $file");
        } else {
            ($line, $loaded, @marks) = ($saved, 1);
            $m->ask("load $file") if $do eq 'load';
            $m->quit, $m = Monitor->new(@{ $way{options} }, '--load', $file),
                $m->ask('console off', 'profile on 5000') if $do eq 'fresh';
        }
        my $cycle = $m->value('cycle');
        push @log, "$do, $cycle";
        my $a = look($m);
        push @wrong, map { "$log[-1]: $_" } disagreements($a);
        delete @$a{'json info profile', 'json info belief'} if $loaded; # both begin anew at a load
        $at{$line}{$cycle} = [ $log[-1], $a ];
    }
    $m->quit;
    for my $line (sort keys %at) {
        my $straight = start(\%way);
        my %typed = map { split / /, $_, 2 } split /\|/, $line;
        my %stops = (%{ $at{$line} }, %typed);
        for my $cycle (sort { $a <=> $b } keys %stops) {
            $straight->ask("goto $cycle");
            my ($came, $answer) = @{ $at{$line}{$cycle} // [] };
            my $a = $answer ? look($straight) : {};
            push @wrong, map { "$came: another answer to $_:\n  " . differ($answer->{$_}, $a->{$_}) }
                grep { $answer->{$_} ne ($a->{$_} // '') } sort keys %$answer;
            $straight->ask(qq(send "$typed{$cycle}")) if exists $typed{$cycle};
        }
        $straight->quit;
    }
    is(scalar @wrong, 0, "SEED=$seed: @{ $way{options} }: $program")
        or diag(join "\n", join('; ', @log), @wrong);
}

my ($soak, $seed) = ($ENV{SOAK} && !$ENV{SEED}, $ENV{SEED} // 4);
$seed = time if $soak;
for (my $end = $soak ? time + 3600 : 0, my $last = $seed + ($ENV{SEED} ? 0 : 1);
    $soak ? time < $end : $seed <= $last; $seed++) {
    sequence($seed, $policies[ $seed % @policies ]);
}
done_testing();
