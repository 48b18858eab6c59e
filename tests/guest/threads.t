#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Threads, futexes, waits for children and calls that a signal interrupts behave as on this host's Linux: six programs,
# compiled for host and guest, must print the same lines on both, and leave no kernel stack or page table behind. The
# monitor shows threads with their process.
use lib 'tests/lib';
use File::Basename;
use Clockhand;
no warnings 'portable'; # addresses have 64 bits
use Qemu;

my $look = 'sleep 1; grep -E "^(KernelStack|PageTables):" '
    . '/proc/meminfo; echo 1 > /proc/audit; echo audit $?';
my (%host, %guest);
($host{$_}, $guest{$_}) = compile_both("tests/guest/${_}_calls.c") for qw(thread futex wait pending answer signal);
my $image = qemu_image(map { ("tests/$_" => $guest{$_}) } keys %guest);

for my $program (qw(thread futex wait pending answer)) {
    my $want = qx{$host{$program}};
    like($want, qr/^end\n\z/m, "$program: the host made the calls");
    my ($got) = qemu_run("/tests/$program; $look; "
            . "/tests/$program >/dev/null; $look", image => $image,
        ram => '64M', timeout => 120);
    $got =~ s/^exec: process \d+ .*\n//mg; # the kernel says why
    my @got = split /^(?=KernelStack:)/m, $got;
    my @want = split /\n/, $want;
    my @lines = split /\n/, $got[0] // '';
    my @wrong = grep { $want[$_] ne ($lines[$_] // '') } 0 .. $#want;
    ok(@lines == @want && !@wrong, "$program: guest and host agree on " . @want . ' lines')
        or diag($got[0], map { "host '$want[$_]', guest '" . ($lines[$_] // '') . "'\n" } @wrong);
    is($got[2], $got[1], "$program: a second run leaves no kernel stack and no page table behind");
    like($got[2], qr/^audit 0\n\z/m, "$program: the kernel's audit finds nothing wrong");
}

# A restarted call goes on to its old deadline, which simulated time
# shows exactly.
my $want = qx{cd @{[dirname($host{signal})]} && $host{signal}};
like($want, qr/^end\n\z/m, 'signal: the host made the calls');
my ($got) = succeeds('interrupted calls', guest('cd /tmp; /tests/signal timed', '--timing', 'fast',
    '--drive', "$image,overlay"));
my @timed = $got =~ /^ms (.*)$/mg;
$got =~ s/^ms .*\n//mg;
is($got, $want, 'signal: guest and host agree');
my @late = grep { !/^sigtimedwait/ && /stop(ped| withdrawn): (\d+)/ && abs($2 - 300) > 1 } @timed;
is_deeply(\@late, [], 'a call with a timeout that a stop interrupts ends at its old deadline');
is(scalar(grep { /stop/ } @timed), 22, '... eleven calls, two kinds of stop');

# The monitor lists a process once, with its threads below it.
my $saved = tmp('held.sav');
my $file = spew(tmp('threads.ch'), <<'CH' =~ s/SAVED/$saved/r);
expect "# " 10s
send "/tests/thread hold &\n"
expect "held " 60s
json info ps
info ps
json info events 256 fault-minor
info events 256 fault-minor
save SAVED
CH
my ($code, $out, $err) = clockhand('-x', $file, '--timing', 'fast', '--drive', "$image,overlay");
is($code, 0, 'the session ends with status 0') or diag($out, $err);
my ($ps, $events) = map { json($_) } grep { /^[\[{]/ } split /\n/, $out;
my ($held) = grep { @{ $_->{threads} } } @$ps;
is(scalar @{ $held->{threads} }, 3, 'three threads beside the first');
is(scalar(grep { $_->{pid} == $held->{threads}[0]{tid} } @$ps), 0,
    '... one of the three is not listed as a process');
cmp_ok($held->{rss_frames}, '>=', 3 * 256, 'the process has the frames of all threads');
cmp_ok($held->{rss_frames}, '<', 4 * 256, '... counted once');
cmp_ok($_->{min_flt}, '>=', 256, "thread $_->{tid}: its own faults") for @{ $held->{threads} };
cmp_ok($held->{min_flt}, '>=', 3 * 256, 'the process: the faults of all threads');
like($out, qr/^ *$held->{threads}[0]{tid} .* thread, a thread of $held->{pid}$/m,
    'info ps shows a thread under its process');
my %by;
$by{ $_->{tid} }++
    for grep { $_->{pid} == $held->{pid} && $_->{reason} eq 'fault-minor' }
    @$events;
cmp_ok($by{ $_->{tid} } // 0, '>=', 40, "thread $_->{tid}: info events lists its faults") for @{ $held->{threads} };
like($out, qr/pid $held->{pid} +thread $held->{threads}[2]{tid} /,
    'info events gives process and thread');

# In every query a thread's id stands for its process.
my ($touched) = sort { hex $b <=> hex $a } map { $_->{va} // 0 }
    grep { $_->{pid} == $held->{pid} && $_->{tid} != $_->{pid} } @$events;
my @asked = map { "json $_" } 'info frames pid %d', "why $touched %d", 'info ps %d',
    'info events 9 pid %d', 'pmap %d', "walk $touched %d", 'info swap slots %d', 'catch fork pid %d';
my ($by_process, $by_thread) = map { my $id = $_;
    [ split /\n/, (clockhand('--drive', "$image,overlay", '--load', $saved, '-x', spew(tmp('ask.ch'),
        join "\n", (map { sprintf $_, $id } @asked), '')))[1] ] } $held->{pid}, $held->{threads}[1]{tid};
cmp_ok(length($by_process->[$_] // ''), '>', 30, "$asked[$_]: an answer") for 0 .. 5;
is($by_thread->[$_], $by_process->[$_], "$asked[$_]: by a thread's id, too") for 0 .. $#asked;
done_testing();
