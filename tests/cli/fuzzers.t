#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The harnesses of `make fuzz` compile with every warning an error: this shows when
# an interface that they call has changed.
use lib 'tests/lib';
use Clockhand;

for my $source (sort glob 'tests/fuzz/fuzz*.c') {
    succeeds($source, run_command('', 'cc', qw(-std=gnu11
        -D_GNU_SOURCE -Wall -Wextra -Werror -fsyntax-only -Iemu -Iguest/abi),
        '-I' . build() . '/gen', '-Itests', '-I.', $source));
}
done_testing();
