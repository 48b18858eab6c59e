#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Every host computes the same digests. The machine's middle rooms (hart, MMU, time, engine) are
# built for AArch64, for which the translator writes code, too. SOAK=1 adds two hosts of 32 bits, on
# which every instruction is interpreted: i386, whose compiler has no integers of 128 bits, and
# WebAssembly (tests/web/node.t runs the whole machine in it). On i386 -malign-double aligns 64-bit
# words as on all other hosts. Each build runs four programs in both timings, whole and in pieces,
# translated (if the host can) and interpreted. With SOAK=1 the other hosts' builds have -O2, like
# this host's. Without it they have -O1, which takes two thirds of the time. They also have those
# passes of -O2 that may fuse a multiplication and an addition, so that the two round only once.
use lib 'tests/lib';
use File::Copy qw(copy);
use Clockhand;

sub found {
    my $name = shift;
    return (grep { -x "$_/$name" } split /:/, $ENV{PATH})[0];
}

# XXH3 is in headers, and another host's compiler does not search this host's.
mkdir tmp('headers');
for (qw(xxhash.h xxh3.h)) { copy("/usr/include/$_", tmp("headers/$_")) }

# Returns the lines that a build's program prints; `run` is the command that runs it.
sub digests {
    my ($host, $b, $run, @make) = @_;
    my $out = `make -s -j2 B=$b @make $b/tests/hosts/digests 2>&1`;
    is($?, 0, "$host: builds without a warning") or diag($out);
    my @lines = split /\n/, `$run $b/tests/hosts/digests 2>&1`;
    is(scalar @lines, 32, "$host: prints a line for each run") or diag(@lines);
    return @lines;
}

my @native = digests('native', build(), '');
my %one;
for (@native) {
    my ($what, $digest) = /^(.*) (?:interp|jit) (?:whole|pieces) (.*)$/ or next;
    $one{$what} //= $digest;
    is($digest, $one{$what}, "$_: the same in both engines, whole and in pieces");
}
is(keys %one, 8, 'four programs in two timings');

my $opt = $ENV{SOAK} ? '-O2' : '-O1 -fexpensive-optimizations';

for (['arm64', 'aarch64-linux-gnu-gcc', 'qemu-aarch64-static', '-static'],
     $ENV{SOAK} ? (['i386', 'i686-linux-gnu-gcc -msse2 -mfpmath=sse -malign-double', '',
        '-static'], ['wasm32', 'emcc', 'node', qw(-sNODERAWFS=1 -sALLOW_MEMORY_GROWTH=1
        -sWASM_ASYNC_COMPILATION=0)]) : ())
{
    my ($host, $cc, $run, @flags) = @$_;
    my ($compiler) = split ' ', $cc;
    SKIP: {
        skip "$host: no $compiler", 3 unless found($compiler);
        skip "$host: no $run", 3 if $run && !found($run);
        skip "$host: this host is no x86", 3 if $host eq 'i386' && `uname -m` !~ /^x86_64|^i.86/;
        my $ar = $cc eq 'emcc' ? 'emar' : 'ar';
        my $passes = $cc eq 'emcc' ? $opt =~ s/ -f\S+//r : $opt; # clang lacks this pass
        my @lines = digests($host, tmp($host), $run, "CC='$cc'", "AR=$ar",
            "OPT='$passes'", 'LIBS=-lm', "LDFLAGS='@flags'",
            "EXTRA_CFLAGS='-g0 -DXXH_INLINE_ALL -idirafter @{[tmp('headers')]}'");
        is_deeply(\@lines, \@native, "$host: the digests of this host");
    }
}
done_testing;
