#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Events that one reason reports for several causes: what is said of each must be true of it. A copy is
# made of a page that is shared, or of a file's; a page comes because a call announced it, or because
# its neighbours were wanted; shared memory goes with its last user, its file or its file system.
use lib 'tests/lib';
use Clockhand;
use Qemu;

my (undef, $program) = compile_both('tests/guest/cause_calls.c');
my $image = qemu_image('tests/causes' => $program);

# Runs commands when the program is ready; returns the answers in JSON, and the output.
sub at {
    my ($what, @commands) = @_;
    my ($options, $name) = ref $what ? @$what : ([], $what);
    my ($status, $out, $err) = clockhand(qw(--timing fast --drive), "$image,overlay", @$options, '-x',
        spew(tmp('s.ch'), join "\n", 'expect "# " 60s', qq(send "/tests/causes $name\\n"), 'expect "ready" 60s',
            'run-for 20ms', 'print cycle', @commands, ''));
    is($status, 0, "$name: the commands run") or diag($err);
    return ([ map { json($_) } grep { /^(?:\[\{"|\{)/ } split /\n/, $out ], $out);
}
my @go = ('send "\n"', 'expect "done" 60s', 'json info events 256');
my $page = '0x1000001000';

# ---- copy on write ----
for my $what (qw(read written tmpfs)) {
    my ($j, $out) = at($what, "catch cow-copy if event.va == $page", 'send "\n"', 'json continue');
    like($j->[0]{text}, qr/to a page of a file, frame \d+, and gets a copy, frame \d+: the mapping is private, and the file stays/,
        "a file's page that was $what: the file stays as it is") or diag($out);
    unlike($j->[0]{text}, qr/shares|keep the old one/, '... and nobody is said to share it');
}
my ($j, $out) = at('read', 'send "\n"', 'expect "done" 60s', 'catch cow-copy if event.pid == 5',
    'send "ls | cat\n"', 'json continue');
like($j->[0]{text}, qr/to a page that it shares, frame .*: any others keep the old one/, 'a page that fork shares') or diag($out);

# ---- announced, or read ahead ----
($j, $out) = at('willneed', @go);
my @came = grep { ($_->{to} // '') eq 'file-clean' && $_->{from} eq 'free' && $_->{pid} == 6 && $_->{actor} eq 'syscall' }
    @{ $j->[0] };
my ($from) = $out =~ /^(\d+)$/m;
is("@{[ map { $_->{reason} } grep { $_->{cycle} > $from } @came ]}", 'file-read ' x 3 . 'file-read',
    'posix_fadvise(WILLNEED) asks for 4 pages: no neighbour was wanted');

# ---- shared memory goes ----
for (['segment', 2, 'nobody has its shared memory any more'], ['umount', 2, 'its tmpfs unmounted']) {
    my ($what, $n, $says) = @$_;
    ($j, $out) = at($what, @go, 'why truncate');
    ($from) = $out =~ /^(\d+)$/m;
    my @gone = grep { ($_->{from} // '') eq 'shared-memory' && $_->{to} eq 'free' && $_->{cycle} > $from } @{ $j->[0] };
    is("@{[ map { $_->{reason} } @gone ]}", join(' ', ('truncate') x $n), "$what: its $n pages are of no file of a disk")
        or diag($out);
    like($out, qr/\Q$says\E/, "... and why says so");
}

# ---- an address of before mremap ----
($j, $out) = at('moved', 'send "\n"', 'expect "done" 60s', 'run-for 50ms', 'json info events 256');
($from) = $out =~ /^(\d+)$/m;
my %at;
push @{ $at{"$_->{reason} " . ($_->{to} eq 'free' ? 'frees' : 'keeps')} }, $_->{va} =~ /^0x(1[01]\w{5})000$/
    for grep { ($_->{from} // 'free') ne 'free' && ($_->{va} // '') =~ /^0x1[01]\w{8}$/ && $_->{cycle} > $from } @{ $j->[0] };
is("@{ $at{'unmap frees'} // [] }", '1000001 1000000 1100001 1100000',
    'munmap takes pages at the addresses to which mremap moved them, and others at the old ones') or diag($out);
like("@{ $at{'cow-share keeps'} // [] }", qr/^1100003 1100002$/, 'fork shares them there');
like("@{ $at{'exit frees'} // [] }", qr/1100002/, 'exit frees them there');

# ---- a store to a page of 2 MiB ----
($j, $out) = at([[qw(--ram 32M --set vm.transparent_hugepage=2)], 'huge'], 'send "\n"', 'expect "done" 60s',
    'json info events 256');
my @reuse = grep { $_->{reason} eq 'cow-reuse' && ($_->{va} // '') =~ /^0x1000\w{6}$/ } @{ $j->[0] };
my %vas = map { $_->{va} => 1 } @reuse;
cmp_ok(scalar @reuse, '>', 100, 'the last owner keeps the frames of a page of 2 MiB');
is(scalar keys %vas, scalar @reuse, '... and each event names its own page');

# ---- whose memory ----
($j, $out) = at([[qw(--ram 8M --swap 64M)], 'segment'], 'send "\nsleep 999 & sleep 1; hog 5x 0\n"', 'expect "0 pages wrong" 300s',
    'catch swap-in', 'send "cat /proc/[7-9]/cmdline\n"', ('continue -v', 'walk event.va') x 40);
my @elsewhere = $out =~ /^catch \d+: (.* in the memory of sleep .*)$/mg;
is(@elsewhere && $elsewhere[0] =~ /^swap-in: cat \(pid \d+\) needs 0x\w+ in the memory of sleep \(pid \d+\), whose page/, 1,
    '/proc/PID/cmdline: the page is the other process\'s') or diag($out);

# ---- a store to a part of a page of 2 MiB ----
($j, $out) = at([[qw(--ram 64M --set vm.transparent_hugepage=2)], 'segment'], 'tcatch fault-huge',
    'send "\n/era/bin/poke 1024 w fork c:r c:w1-4\n"', 'continue', 'let v event.va', 'let p event.pid', 'tcatch split-cow',
    'tcatch fork if event.pid == let.p', 'continue', 'walk let.v w let.p', 'continue -v');
like($out, qr/W is clear: shared copy-on-write: the fault makes 512 small pages of the page of 2 MiB, and copies this one$/m,
    'walk: a store splits a page of 2 MiB that is shared') or diag($out);
like($out, qr/^catch \d+: split: poke .* writes to a page of 2 MiB of which others have a part/m, '... and does so') or diag($out);

# ---- the OOM killer's victim did not ask ----
($j, $out) = at([[qw(--ram 8M --swap 4M --policy linux26)], 'willneed'], 'catch oom',
    'send "\nfor i in 1 2 3 4 5 6; do hog 4M 0 & done\n"', 'continue', 'json info events 1');
is($j->[0][0]{reason}, 'oom', 'a process is chosen to die');
is($j->[0][0]{actor}, 'kernel', '... by the kernel: its own call or fault need not have asked');

done_testing();
