#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Tests a newcomer's first steps. tools/deps says what it will install, and asks the user first, unless
# root runs it (here in a PATH with a fake apt-get, which installs nothing). A failed build leaves the last good
# kernel. A test file that ends early fails without stopping the others.
use lib 'tests/lib';
use Cwd qw(abs_path);
use Clockhand;
use Pty;

my $b = build();

# ---- a host with nothing installed ---------------------------------------------

my ($bin, $log, $done) = map { tmp($_) } qw(bin log done);

sub fake {
    my ($name, $text) = @_;
    chmod 0755, spew("$bin/$name", "#!/bin/sh\n$text");
    return;
}

# Fills the host's PATH: links to the few tools that deps and make need, and fakes of the
# others. The fake archive knows qemu-system-misc, and not its newer name.
sub host {
    my (%o) = @_;
    unlink glob("$bin/*"), $log, $done;
    mkdir $bin;
    for my $tool (qw(sh bash awk sed cat fold env dirname sleep grep make find
        head nproc mkdir cmp perl ls sort tr uname)) {
        my ($at) = grep { -x } map { "$_/$tool" } qw(/usr/bin /bin);
        symlink $at, "$bin/$tool" if $at;
    }
    fake('id', 'echo ${FAKE_UID:-' . ($o{root} ? 0 : 1000) . "}\n");
    fake('dpkg-query', $o{all} ? '' : "[ -e $done ] || exit 1\n");
    spew("$bin/dpkg-query", slurp("$bin/dpkg-query") . <<'SH');
for n in $(awk '!/^#/ && NF == 2 { print $2 }' tools/packages | tr '|' ' '); do
    echo "$n installed"
done
SH
    my $status = $o{broken} ? 100 : 0;
    fake('apt-get', <<"SH");
echo "apt-get \$*" >> $log
case " \$* " in
*' --assume-no '*)
    echo '0 upgraded, 118 newly installed, 0 to remove and 0 not upgraded.'
    echo 'Need to get 57.5 MB/108 MB of archives.'
    echo 'After this operation, 360 MB of additional disk space will be used.'
    exit 1 ;;
*' install '*) [ $status != 0 ] || : > $done; exit $status ;;
esac
SH
    fake('apt-cache', 'case $* in *qemu-system-riscv) exit 100 ;; esac');
    fake('sudo', "echo sudo >> $log; FAKE_UID=0 exec \"\$@\"") if $o{sudo};
    return;
}

# Use a Turkish locale, whose i and I are no pair, if the host has one (bash warns of a locale that is missing).
my ($turkish) = grep { /^tr_TR\.utf-?8$/i } split /\n/, `locale -a 2>/dev/null`;
my $locale = $turkish // 'C.UTF-8';

# Runs a command on that host: at a terminal if there is something to type, else without.
sub deps {
    my ($type, @command) = @_;
    @command = ('tools/deps', 'build', 'test') unless @command;
    unshift @command, 'env', '-i', "PATH=$bin", "LC_ALL=$locale";
    return run_command('', @command) unless defined $type;
    my $pty = Pty->start(24, 100, @command);
    my $out = $pty->expect(qr/\[y\/N\] /, 30) // return (-1, $pty->seen, '');
    $pty->send("$type\n");
    my $more = $pty->expect(qr/\z(?!)/, 60); # until it ends
    $out .= $pty->seen;
    return ($pty->finish(30), $out, '');
}
sub asked { my $n = () = slurp($log) =~ /^$_[0]/mg; return $n }
my $size = qr/needs 118 more packages: 57\.5 MB to download, 360 MB on disk/;
my $installs = qr/^apt-get .*\binstall gcc .*/m;

host(root => 1);
my ($status, $out, $err) = deps(undef);
is($status, 0, 'root: installs at once') or diag($err);
like($out, qr/\AClockhand needs more packages; apt-get update looks up their size \.\.\.\nClockhand $size/,
    'root: says at once what it does, and then the size');
like($out, qr/^Installing them: a minute or two \.\.\.$/m, 'root: and how long that takes');
like($out, qr/^  gcc libc6-dev make /m, 'root: and which packages');
my @lines = grep { / install / && !/--assume-no/ } split /\n/, slurp($log);
is(scalar @lines, 1, 'apt-get install is called once');
like($lines[0], qr/ -y .*--no-install-recommends.* install gcc /,
    '... without questions, and without recommended packages');
like($lines[0], qr/ qemu-system-misc /, '... with the alternative that the archive has');
unlike($lines[0], qr/qemu-system-riscv/, '... and not the one that it lacks');

host(root => 1, broken => 1);
($status) = deps(undef);
is($status, 2, 'root: an apt-get that fails is a failure');

host(sudo => 1);
($status, $out) = deps('y');
is($status, 0, 'sudo and y: installed') or diag($out);
like($out, $size, 'the size is said first');
like($out, qr/^Installing them: a minute or two \.\.\.\r?$/m, 'and how long it takes');
is(() = $out =~ /\[y\/N\]/g, 1, 'asked once');
is(asked('sudo'), 1, 'sudo is called once');
like(slurp($log), $installs, 'for apt-get install');

for my $answer ('n', '') {
    host(sudo => 1);
    ($status, $out) = deps($answer);
    is($status, 2, "sudo and '$answer': status 2");
    is(asked('sudo'), 0, 'nothing was done');
    like($out, qr/^apt-get update; apt-get install .* gcc /m,
        'and there is the line for an administrator');
}

host(sudo => 1);
($status, $out, $err) = deps(undef);
is($status, 2, 'no terminal: status 2');
is(asked('sudo'), 0, 'no terminal: sudo is not called');
like($err, qr/no terminal.*administrator/, 'the message says why');
like($err, qr/^apt-get update; apt-get install .* gcc /m, 'and prints the line for an administrator');

host();
($status, $out, $err) = deps(undef);
is($status, 2, 'no sudo: status 2');
like($err, qr/no sudo.*administrator/, 'the message says so');
unlike("$out$err", qr/not found/, 'and no command is said to be missing');
like($out, $size, 'and the size is said all the same');

host(all => 1);
($status, $out, $err) = deps(undef);
is_deeply([$status, $out, $err, slurp($log)], [0, '', '', ''],
    'everything is installed: no message, and apt-get is not called');

# ---- make with nothing installed ------------------------------------------------

for my $goal (qw(run test)) {
    host();
    ($status, $out, $err) = deps(undef, 'make', $goal);
    is($status, 2, "make $goal: ends with status 2");
    like($out, qr/\AClockhand needs 118 more packages/,
        "make $goal begins with what it will install");
    unlike($err, qr/gcc: |pkg-config: |riscv64-\S*: /,
        "make $goal does not stumble over a compiler");
}

# ---- make run, the first time: it begins with a line about the build ----------------
for ([ 'run', 'the panel opens' ], [ 'tour', 'the first lesson begins' ]) {
    my ($goal, $then) = @$_;
    host(all => 1);
    ($status, $out, $err) = deps(undef, 'make', $goal, 'B=' . tmp("none-$goal"), 'MAKE=true');
    like($out, qr/\AClockhand is being built: .* a few minutes, once; then \Q$then\E\.\n/,
        "make $goal begins with what is being built, and how long it takes") or diag($err);
}

# ---- a build that fails ----------------------------------------------------------

SKIP: {
    skip 'a build with sanitizers has no kernel', 4 if $b =~ /san/;
    my $copy = tmp('copy');
    system('mkdir', '-p', "$copy/build/guest") == 0
        && system('cp', '-a', 'guest', "$copy/") == 0
        && system('cp', '-a', "$b/guest/obj", "$b/guest/kernel.elf",
        "$copy/build/guest/") == 0
        or die 'no copy';
    my $before = slurp("$copy/build/guest/kernel.elf");
    my @make = ('env', '-u', 'MAKEFLAGS', '-u', 'MAKELEVEL', 'make', '-C',
        $copy, '-f', 'guest/guest.mk', 'B=build', 'guest-kernel');
    # A copy of a policy under another name, as a beginner makes one.
    spew("$copy/guest/kernel/policy/mine.c", slurp('guest/kernel/policy/textbook/clock.c'));
    my ($status) = run_command('', @make);
    isnt($status, 0, 'a kernel with two policies of one name does not link');
    ok(slurp("$copy/build/guest/kernel.elf") eq $before, 'the last good kernel stays');
    spew("$copy/guest/kernel/policy/mine.c", "not C\n");
    ($status) = run_command('', @make);
    isnt($status, 0, 'a source that is not C does not compile');
    ok(slurp("$copy/build/guest/kernel.elf") eq $before, 'the last good kernel stays again');
}

# ---- make format lint -----------------------------------------------------------------

host(all => 1);
my $house = tmp('house');
system('mkdir', '-p', "$house/tests/cli") == 0 or die 'no house';
spew("$house/Makefile", slurp('Makefile'));
spew("$house/tests/cli/rooms.t", "1;\n");
fake('git', "echo a.c\n");
fake('clang-format', "[ \$1 != -i ] || sleep 0.3\necho \$1 >> $log\n");
fake($_, '') for qw(cppcheck shellcheck xargs);
for ([ '--dry-run', 'lint' ], [ '-i --dry-run', 'lint', 'format' ]) {
    my ($order, @goals) = @$_;
    unlink $log;
    ($status, $out, $err) = deps(undef, 'make', '-j2', '-C', $house, @goals);
    is($status, 0, "make @goals: ends well") or diag($err);
    is(join(' ', split /\n/, slurp($log)), $order, "make @goals: clang-format is called with $order");
}

# ---- a path with a blank -----------------------------------------------------------

my $blank = tmp('with blank');
mkdir $blank;
spew("$blank/Makefile", slurp('Makefile'));
($status, $out, $err) = run_command('', 'env', '-u', 'MAKEFLAGS', 'make', '-C', $blank, 'clean');
is($status, 2, 'a blank in the path: status 2');
like($err, qr/clockhand: .*with blank: a blank in the path/, 'and the message names it');

# ---- tests that give up --------------------------------------------------------------

my @files = map { abs_path(tmp('')) . "/$_.t" } qw(gives_up dies sound);
my @texts = ("echo ok 1; echo 'Bail out!  no display'; exit 3\n",
    "echo ok 1; echo 1..2; kill -9 \$\$\n",
    "echo ok 1; echo ok 2; echo 1..2\n");
chmod 0755, spew($files[$_], "#!/bin/sh\n$texts[$_]") for 0 .. $#files;
($status, $out) = run_command('', 'tests/run', $b, @files);
is($status, 1, 'tests/run: failed');
like($out, qr/^4 passed, 2 failed, 0 skipped\n\z/m,
    'each of the two that gave up is one failure, and the third ran');
done_testing();
