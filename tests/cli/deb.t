#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The package of `make deb` works where it is unpacked, far from this checkout, and
# depends on the packages of the libraries that its programs are linked with or load.
# SOAK=1 makes it twice, and shows it to lintian.
use lib 'tests/lib';
use Clockhand;

my $b = build();
plan skip_all => 'a build with sanitizers is not packaged' if $b =~ /san/;
plan skip_all => 'no dpkg-deb here' if system('command -v dpkg-deb >/dev/null');

my ($deb, $root) = map { tmp($_) } 'clockhand.deb', 'root';
# Use the fastest compression: no test here looks at the package's size, and xz's best
# level would take 20 s of CPU.
$ENV{DPKG_DEB_COMPRESSOR_LEVEL} = 0;
my ($out, $err) = succeeds('tools/mkdeb', run_command('', 'tools/mkdeb', '-o', $deb, $b));
succeeds('the package can be unpacked', run_command('', 'dpkg-deb', '-x', $deb, $root));

# Every file belongs to root and can be read by everybody, whatever the umask of the build.
(undef, $out) = run_command('', 'dpkg-deb', '-c', $deb);
my @wrong = grep { !/^(?:-r..r..r..|dr.xr.xr.x|l.{9}) root\/root / } split /\n/, $out;
is_deeply(\@wrong, [], 'every file belongs to root, and everybody can read it');

# Clockhand's package depends on the package of each library.
(undef, my $depends) = run_command('', 'dpkg-deb', '-f', $deb, 'Depends');
my @named = map { s/ .*//sr } split /,\s*/, $depends;
my ($ldd) = qx{ldd $root/usr/bin/clockhand} =~ /^(.*)$/s;
for my $library (qw(SDL2 readline png16 dw fdt xxhash)) {
    if ($library eq 'SDL2') { # loaded when a window is wanted
        unlike($ldd, qr/lib$library/, "not linked with $library");
    } else {
        like($ldd, qr/lib$library/, "linked with $library");
    }
    ok(grep({ /^lib\Q@{[lc $library]}\E/ } @named), "... and its package is a dependency")
        or diag($depends);
}
ok(grep({ $_ eq 'libc6' } @named), '... and so is the C library\'s package');

# A second package of the same build has the same bytes; lintian finds only what is overridden.
SKIP: {
    skip 'a second package is for SOAK=1', 1 if !$ENV{SOAK};
    run_command('', 'tools/mkdeb', '-o', "$deb.again", $b);
    ok(slurp($deb) eq slurp("$deb.again"), 'mkdeb makes the same package again');
}
SKIP: {
    skip 'lintian is not installed, or is for SOAK=1', 1 if !$ENV{SOAK} || system('command -v lintian >/dev/null');
    (undef, $out, $err) = run_command('', qw(lintian --fail-on none), ($> ? () : '--allow-root'), $deb);
    is($out =~ s/^N: .*\n//mgr, '', 'lintian finds nothing');
}

# The unpacked program needs nothing of this checkout: it runs from elsewhere, with
# the guest that it finds beside itself.
my $there = "$root/usr/bin/clockhand";
sub there {
    return run_command('', 'sh', '-c', 'cd / && exec "$@"', 'sh', $there, @_);
}
($out, $err) = succeeds('the unpacked program runs', there('--run', 'echo from the package'));
is($out, "from the package\n", '... and so does its guest');
(undef, $out) = there('--version');
(undef, my $version) = run_command('', 'dpkg-deb', '-f', $deb, 'Version');
is($out, "clockhand $version", '--version prints the version of the package');
like(slurp('CHANGELOG'), qr/\Aclockhand \(\Q@{[ $version =~ s{\n}{}r ]}\E\) /, '... and the CHANGELOG begins with it');

# The package's other tools, as their users type them.
{
    local $ENV{PATH} = "$root/usr/bin:$ENV{PATH}";
    local $ENV{PYTHONPATH} = "$root/usr/lib/python3/dist-packages";
    delete local $ENV{CLOCKHAND};
    my $file = tmp('arc2.c');
    my $typed = "clockhand-policy-from arc $file && clockhand-grade --as guest:arc $file && "
        . "clockhand-compare --policy arc --policy-file $file --ram 6M --run 'hog 1.2x 0' "
        . "-o @{[tmp('c')]} && clockhand-report @{[tmp('c')]} -o @{[tmp('c.html')]} && "
        . q(python3 -c 'import clockhand; print(clockhand.Machine(run="true").run_for("9s").stop)');
    ($out) = succeeds('policy-from, grade, compare, report, Python of the package',
        run_command('', 'sh', '-c', "cd / && $typed"));
    like($out, qr/12 of 12 strings.*did exactly what.*^off$/ms, '... and print what they should');
}
($out, $err) = succeeds('an experiment of the package', there('-x',
    "$root/usr/share/clockhand/experiments/fork.ch"));
($out) = succeeds('--lesson list', there('--lesson', 'list'));
my @lessons = glob('tools/lessons/[0-9]*.md');
for my $lesson (@lessons) {
    my ($name) = $lesson =~ m{/\d+-(.*)\.md$};
    like($out, qr/\b\Q$name\E\b/, "the package has lesson $name");
}
for my $page ('man1/clockhand.1', 'man1/dramreplay.1', 'man7/clockhand-monitor.7', 'man8/vmstat.8clockhand') {
    ok(-s "$root/usr/share/man/$page.gz", "man page $page");
}
done_testing();
