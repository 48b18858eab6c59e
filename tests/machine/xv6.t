#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Runs xv6-riscv of any year (older versions take the timer from the CLINT in M-mode, newer ones use
# Sstc). The user has built it: XV6=DIR names its source folder, with kernel/kernel and fs.img in
# it. `make soak XV6=DIR` runs the whole of `usertests -q`: two minutes of xv6's time, 41 G
# instructions if its scheduler waits for interrupts, 124 G if it spins.
use lib 'tests/lib';
use Clockhand;

my $dir = $ENV{XV6};
plan skip_all => 'no xv6: XV6=DIR names a folder with kernel/kernel and fs.img' unless $dir;
my @missing = grep { !-r "$dir/$_" } qw(kernel/kernel fs.img);
plan skip_all => "no xv6: XV6=$dir has no $missing[0] (make there builds it)" if @missing;
$ENV{TEST_TIMEOUT} = $ENV{SOAK} ? 3600 : 300;

my @machine = ('--ram', '128M', '--drive', "$dir/fs.img,overlay");
my %form = (
    '--kernel'   => [ '--bios', 'none', '--kernel', "$dir/kernel/kernel" ],
    'a bare ELF' => ["$dir/kernel/kernel"],
);

# Types each [command, answer, seconds] at the prompt; awaits the answers.
sub session {
    my ($what, $timing, $form, @lines) = @_;
    my $text = qq(catch stale all\nexpect "init: starting sh\\n\$ " 60s\n);
    for my $line (@lines) {
        my ($command, $answer, $seconds) = @$line;
        $text .= qq(send "$command\\n"\nexpect "$answer" ${seconds}s\n) . qq(expect "\$ " 60s\n);
    }
    my ($out) = succeeds("$what: every command is answered", clockhand(@{ $form{$form} }, @machine,
        '--timing', $timing, '-x', spew(tmp('xv6.ch'),
            $text . "assert stale.windows + stale.sins == 0\nquit 0\n")));
    like($out, qr/xv6 kernel is booting/, "$what: boots");
    unlike($out, qr/panic|FAILED|usertrap\(\): unexpected/,
        "$what: no panic, no failure") unless $ENV{SOAK};
    return $out;
}

my @short = (
    [ 'echo $HOME is no variable here', '\n$HOME is no variable here', 10 ],
    [ 'ls', '\nREADME ',                                               10 ],
    [ 'cat README | grep xv6 | wc',     '\n',                          10 ],
    [ 'echo kept > new; cat new',       '\nkept',                      10 ],
    [ 'forktest',                       'fork test OK',                30 ],
    [ 'usertests copyin',               'ALL TESTS PASSED',            60 ],
    [ 'usertests iput',                 'ALL TESTS PASSED',            60 ],
    [ 'usertests sbrkmuch',             'ALL TESTS PASSED',            60 ],
);
session("$_->[0], $_->[1]", $_->[1], $_->[0], @short)
    for [ '--kernel', 'fast' ], [ 'a bare ELF', 'cycle' ];
if ($ENV{SOAK}) {
    my $out = session('usertests -q', 'fast', '--kernel',
        [ 'usertests -q', 'ALL TESTS PASSED', 1000 ]);
    my @ok = $out =~ /^test \w+:.*OK/mg;
    cmp_ok(scalar @ok, '>=', 40, 'all ' . @ok . ' of its tests');
}

# After boot xv6 flushes the TLB in its trampoline alone. If these fences are removed
# during sbrkbugs, xv6 uses a page that uvmunmap took away, and another process's
# trapframe. `catch stale` must report both uses.
my @fence = map { /^\s*(8000\w+):.*sfence\.vma/ ? "set u32[pa:0x$1] = 0x13\n" : () }
    split /\n/, qx{riscv64-linux-gnu-objdump -d --section=.text $dir/kernel/kernel |
        sed -n '/<_*trampoline>/,\$p'};
for (['uvmunmap', 'break uvmdealloc if $a2 == 0', 'uvmunmap'],
    ['the trampoline', 'break uvmdealloc', ''])
{
    my ($name, $break, $writer) = @$_;
    my (undef, $out) = clockhand(@{ $form{'--kernel'} }, @machine, qw(--timing fast -x),
        spew(tmp('xv6.ch'), qq(catch stale\nexpect "\$ " 60s\nsend "usertests sbrkbugs\\n"\n)
            . "$break\ncontinue\ndelete 2\nbreak 0x3ffffff000\nreverse-continue\nbranch\n"
            . join('', @fence) . "delete 3\njson continue\nquit 0\n"));
    my ($stop) = map { json($_) } $out =~ /^(\{"stop".*)/m;
    ok($stop->{sin}, "$name: the use without a fence is caught") or diag($out);
    like($stop->{writer}, qr/$writer/, '... the instruction that wrote is named');
}
done_testing;
