#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Tests the page in a browser (page.js): picture, prompt, the native machine's hash,
# lessons, links to a moment, files (without SOAK=1 most kinds in Chromium only).
use lib 'tests/lib';
use Clockhand;
use PanelPicture;

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
for my $timing (qw(fast cycle)) {
    my $story = qq(# options: --ram 8M --swap 32M --timing $timing\nconsole off\nexpect "# " 5s\nsend "thrash\\n"\n);
    my $file = spew(tmp("$timing.ch"), "${story}repeat 8\nrun-for 5000000\nhash\nend\n");
    my ($out) = succeeds("natively: $timing", clockhand('-x', $file));
    spew(tmp("$timing.hashes"), join "\n", my @hashes = $out =~ /^hash \w{32}$/mg);
    is(keys %{ { map { $_ => 1 } @hashes } }, 8, '... eight moments');
}
my $picture = spew(tmp('picture.ch'), "run-for 50ms\npace 1\nscreenshot\n");
my ($check) = slurp('tools/course/README.md') =~ /^```\n(python3 -c .*?)\n```/ms;
cmp_ok(-s tmp('page.tar'), '<=', 4 << 20, 'the page has at most 4 MiB')
    if system('cat build/web/* >' . tmp('page.tar')) == 0;
$ENV{NODE_PATH} = $npm;
for my $browser (@browsers) {
    my ($status, $tap, $err) = run_command('', 'node', 'tests/web/page.js', $browser,
        $hash, tmp(), native('a script', '-x', $script), $elf, $kept);
    my $name = $browser =~ s{.*/}{}r;
    like($tap, qr/^1\.\.\d+$/m, "$name ran") or diag($err);
    ok(!$1, "$name: $2") while $tap =~ /^(not )?ok \d+ - (.*)/mg;
    is($status, 0, "$name: all of it holds");
    note("$name: $1") while $tap =~ /^# note (.*)/mg;

    my @light = $name eq 'chromium' ? qw(--theme light) : (); # this Firefox starts dark
    succeeds('natively: a picture', clockhand(qw(--ram 8M), @light, '-x', $picture, '--screenshot', tmp('panel.png')));
    ok(join('', @{ picture(tmp('panel.png'))->{rows} }) eq slurp(tmp('canvas')) =~ s/(...)./$1/gsr,
        "$name: the canvas has the native picture's pixels");
    is(qx{cd @{[tmp()]} && $check}, "True\nFalse\n", "$name: a teacher's command finds the forged answer");

    my ($saved) = $tap =~ /^# saved (\w{32})$/m;
    my @options = (qw(--timing fast --ram 8M --load), tmp('machine.saved'));
    is(native('loaded', @options, '-x', spew(tmp('hash.ch'), "hash\n")),
        $saved, "$name: a machine that the page has saved loads natively");
}

done_testing();
