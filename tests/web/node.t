#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The web build is the same machine: a script with paging must print the same in node
# as natively, with the hash at each million cycles, in both timings. Without SOAK=1 it
# runs in cycle timing only, with the hash at each third million, and one lesson is played, one solved.
use lib 'tests/lib';
use Clockhand;
use PanelPicture;
use Cwd qw(abs_path);

plan skip_all => 'no emcc (tools/deps web)' if system('command -v emcc >/dev/null');
plan skip_all => 'the web build has no sanitizers' if build() =~ /san/;

my $story = spew(tmp('story.ch'), <<'END');
console off
expect "# " 5s
send "thrash\n"
repeat MOMENTS
run-for CYCLES
hash
end
print pswpout
bt
END
my $moments = $ENV{SOAK} ? 300 : 100;
spew($story, slurp($story) =~ s/MOMENTS/$moments/r =~ s/CYCLES/300_000_000 \/ $moments/er);
for my $timing ($ENV{SOAK} ? 'fast' : (), 'cycle') {
    my @options = (qw(--ram 8M --swap 32M --timing), $timing, '-x', $story);
    my ($native) = succeeds("$timing: natively", clockhand(@options));
    my ($web) = succeeds("$timing: in node", run_command('', 'emu/web/node.js', @options));
    is($web, $native, "$timing: the same");
    my %hashes = map { $_ => 1 } $native =~ /^hash (\w{32})$/mg;
    is(keys %hashes, $moments, "... at $moments moments");
    cmp_ok($native =~ /^(\d+)/m ? $1 : 0, '>', 0, '... with pages swapped out');
}

# The panel's pixels are the same, natively in a PNG file, in the web build in a PPM.
my @paging = (qw(--ram 8M --swap 32M -x), spew(tmp('paging.ch'), <<'END'), '--screenshot');
console off
expect "# " 5s
send "thrash\n"
run-for 300000000
END
my ($png, $ppm) = (tmp('panel.png'), tmp('panel.ppm'));
succeeds('a picture: natively', clockhand(@paging, $png));
succeeds('a picture: in node', run_command('', 'emu/web/node.js', @paging, $ppm));
my $native = picture($png);
ok("P6\n1280 800\n255\n" . join('', @{ $native->{rows} }) eq slurp($ppm), 'a picture: the same pixels');
cmp_ok(scalar keys %{ { map { $_ => 1 } @{ $native->{rows} } } }, '>', 100, '... and it is not blank');

# Scripts and lessons wait in the middle of C functions, which Asyncify unwinds. A
# function of which Asyncify has not been told would end the program.
my $answers = "\nrun-for 1ms\n\nb\n" . "\n\nb\n" x 30; # an answer undoes the run-for before it
my @lessons = $ENV{SOAK} ? 1 .. (() = glob 'tools/lessons/[0-9]*.md') : 5;
for (map({ ["lesson $_, played", '--lesson', $_] } @lessons),
    ['... solved, with machines of its own', '--lesson', $ENV{SOAK} ? 8 : 4, '--solve'],
    ['a script that goes back', qw(--timing fast -x), spew(tmp('back.ch'), <<'END')]) {
console off
repeat 3
run-for 2ms
if cycle > 100
next-event
end
end
goto 1000000
print cycle
reverse-stepi
info registers
END
    my ($name, @options) = @$_;
    my ($native) = succeeds("$name: natively", run_command($answers, build() . '/clockhand', @options));
    my ($web) = succeeds("$name: in node", run_command($answers, 'emu/web/node.js', @options));
    is($web =~ s/\bclockhand\b/./gr, $native =~ s{\S*\bclockhand\b}{.}gr, "$name: the same");
    cmp_ok(length $native, '>', 200, '... and more than 200 characters');
}

is(join(' ', glob '/tmp/machine-*'), '', 'a lesson keeps no machine in a file of the host');

SKIP: {
    skip 'a second build of the page takes minutes (SOAK=1)', 2 if !$ENV{SOAK};
    my $there = tmp('elsewhere');
    mkdir $_ or die for $there, "$there/build";
    system('cp', '-a', (grep { !/^build/ } glob '*'), $there) == 0 or die;
    symlink abs_path('build/cache'), "$there/build/cache" or die;
    local $ENV{TEST_TIMEOUT} = 3600;
    delete local @ENV{ grep { /^MAKE|^MFLAGS/ } keys %ENV };
    succeeds('the page, built in another folder', run_command('', qw(make -s web -C), $there));
    succeeds('... has the same bytes', run_command('', qw(diff -r build/web), "$there/build/web"));
}

done_testing();
