#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The page in a browser (page.js): picture, prompt, the same hash as natively.
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use Clockhand;

my $npm = 'build/cache/npm/node_modules';
plan skip_all => 'no emcc (tools/deps web)' if system('command -v emcc >/dev/null');
plan skip_all => 'no Chromium' unless -x '/usr/bin/chromium';
plan skip_all => 'no puppeteer-core (make web-test-deps)' unless -d "$npm/puppeteer-core";
my ($out) = succeeds('natively', clockhand(qw(--ram 8M -x), spew(tmp('h.ch'), "run-for 50ms\nhash\n")));
my ($hash) = $out =~ /^hash (\w{32})$/m;
$ENV{NODE_PATH} = $npm;
my ($status, $tap, $err) = run_command('', 'node', 'tests/web/page.js', $hash);
like($tap, qr/^1\.\.\d+$/m, 'the browser ran') or diag($err);
for ($tap =~ /^((?:not )?ok .*)$/mg) {
    my ($not, $name) = /^(not )?ok \d+ - (.*)/;
    ok(!$not, $name);
}
is($status, 0, 'all of it holds');

done_testing();
