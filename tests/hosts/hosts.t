#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Another host, another engine: one digest. The machine's middle (hart, MMU,
# time, engine) is built for AArch64, whose code the translator writes too, and
# for 32 bits (WebAssembly), where all is interpreted; each runs four programs in
# both timings, whole and in pieces, translated and not.
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

# What a host says, or why it is not asked.
sub digests {
    my ($host, $cc, $run, @flags) = @_;
    my $b = tmp($host);
    my $out = `make -s -j2 B=$b CC='$cc' LIBS=-lm LDFLAGS='@flags' EXTRA_CFLAGS='-DXXH_INLINE_ALL -idirafter @{[tmp('headers')]}' $b/tests/hosts/digests 2>&1`;
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

for ([qw(arm64 aarch64-linux-gnu-gcc qemu-aarch64-static -static)],
     [qw(wasm32 emcc node -sNODERAWFS=1)]) {
    my ($host, $cc, $run, @flags) = @$_;
    SKIP: {
        skip "$host: no $cc and $run here", 3 unless found($cc) && found($run);
        my @lines = digests($host, $cc, $run, @flags);
        is_deeply(\@lines, \@native, "$host: as on this host");
    }
}
done_testing;
