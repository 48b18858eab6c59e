#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Another host, another engine: one digest. The machine's middle (hart, MMU,
# time, engine) is built for AArch64, whose code the translator writes too, and
# for 32 bits, where all is interpreted: i386, whose compiler has no numbers of
# 128 bits (with words of 64 bits aligned as every other host has them), and
# WebAssembly. Each runs four programs in both timings, whole and in pieces,
# translated and not.
use strict;
use warnings;
use lib 'tests/lib';
use File::Copy qw(copy);
use Test::More;
use Clockhand;

sub found {
    my $name = shift;
    return (grep { -x "$_/$name" } split /:/, $ENV{PATH})[0];
}

# XXH3 is in headers, which other compilers do not look for among the host's.
mkdir tmp('headers');
for (qw(xxhash.h xxh3.h)) { copy("/usr/include/$_", tmp("headers/$_")) }

# What a host says. cc and run are commands, flags for the linker.
sub digests {
    my ($host, $cc, $run, @flags) = @_;
    my $b = tmp($host);
    my $ar = $cc eq 'emcc' ? 'emar' : 'ar';
    my $out = `make -s -j2 B=$b CC='$cc' AR=$ar LIBS=-lm LDFLAGS='@flags' EXTRA_CFLAGS='-DXXH_INLINE_ALL -idirafter @{[tmp('headers')]}' $b/tests/hosts/digests 2>&1`;
    is($?, 0, "$host: builds, without a warning") or diag($out);
    my @lines = split /\n/, `$run $b/tests/hosts/digests 2>&1`;
    is(scalar @lines, 32, "$host: runs") or diag(@lines);
    return @lines;
}

my @native = digests('native', 'gcc', '', '');
my %one;
for (@native) {
    my ($what, $digest) = /^(.*) (?:interp|jit) (?:whole|pieces) (.*)$/ or next;
    $one{$what} //= $digest;
    is($digest, $one{$what}, "$_: whatever the engine and the cuts");
}
is(keys %one, 8, 'eight machines');

for (['arm64', 'aarch64-linux-gnu-gcc', 'qemu-aarch64-static', '-static'],
     ['i386', 'i686-linux-gnu-gcc -msse2 -mfpmath=sse -malign-double', '', '-static'],
     ['wasm32', 'emcc', 'node', qw(-sNODERAWFS=1 -sALLOW_MEMORY_GROWTH=1
        -sWASM_ASYNC_COMPILATION=0)])
{
    my ($host, $cc, $run, @flags) = @$_;
    my ($compiler) = split ' ', $cc;
    SKIP: {
        skip "$host: no $compiler", 3 unless found($compiler);
        skip "$host: no $run", 3 if $run && !found($run);
        skip "$host: this host is another", 3
            if $host eq 'i386' && `uname -m` !~ /^x86_64|^i.86/;
        my @lines = digests($host, $cc, $run, @flags);
        is_deeply(\@lines, \@native, "$host: as on this host");
    }
}
done_testing;
