#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Tests the page in a browser (page.js): picture, prompt, the native machine's hash,
# lessons, links to a moment, files (most kinds in Chromium only without SOAK=1).
use lib 'tests/lib';
use Clockhand;

my $npm = 'build/cache/npm/node_modules';
plan skip_all => 'no emcc (tools/deps web)' if system('command -v emcc >/dev/null');
my @browsers = grep { -x } qw(/usr/bin/chromium /usr/bin/firefox-esr);
plan skip_all => 'neither Chromium nor Firefox' if !@browsers;
plan skip_all => 'no puppeteer-core and axe-core (make web-test-deps)' unless -d "$npm/axe-core";
sub native {
    my ($name, @options) = @_;
    my ($out) = succeeds("natively: $name", clockhand(@options));
    return $out =~ /^hash (\w{32})$/m ? $1 : 'none';
}
my $script = spew(tmp('script.ch'), qq(# options:--ram "12M" --timing fast\nrun-for 30ms\nhash\n));
my $hash   = native('50 ms', qw(--ram 8M -x), spew(tmp('h.ch'), "run-for 50ms\nhash\n"));
my $kept   = native('a machine to keep', qw(--timing fast --ram 8M -x),
    spew(tmp('k.ch'), "run-for 20ms\nhash\n"), '--save', tmp('native.saved'));
my $elf    = compile_bare("loop.S", ".globl _start\n_start: j _start\n");
$ENV{NODE_PATH} = $npm;
for my $browser (@browsers) {
    my ($status, $tap, $err) = run_command('', 'node', 'tests/web/page.js', $browser,
        $hash, tmp(), native('a script', '-x', $script), $elf, $kept);
    my $name = $browser =~ s{.*/}{}r;
    like($tap, qr/^1\.\.\d+$/m, "$name ran") or diag($err);
    ok(!$1, "$name: $2") while $tap =~ /^(not )?ok \d+ - (.*)/mg;
    is($status, 0, "$name: all of it holds");

    my ($saved) = $tap =~ /^# saved (\w{32})$/m;
    my @options = (qw(--timing fast --ram 8M --load), tmp('machine.saved'));
    is(native('loaded', @options, '-x', spew(tmp('hash.ch'), "hash\n")),
        $saved, "$name: a machine that the page has saved loads natively");
}

done_testing();
