#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The READMEs are true floor plans. They name all files, and no others. No room of emu/ calls a higher one. A room of
# the guest's kernel or a folder of emu/monitor calls a higher one only if guest/README.md or emu/monitor/README.md
# lists the call. (Calls are read from the objects' symbols.) Every policy has its row in three tables.
use lib 'tests/lib';
use Clockhand;

my @files = split /\n/, `git ls-files -co --exclude-standard 2>/dev/null` # without a checkout:
    || `find * \\( -path build -o -name __pycache__ \\) -prune -o -type f -print`;

# ---- arrows ----

# Rooms, lowest first, stand in the Makefile.
my ($rooms) = slurp('Makefile') =~ /^ROOMS := ((?:.*\\\n)*.*)/m;
my @rooms = grep { $_ ne '\\' } split ' ', $rooms;
cmp_ok(@rooms, '>', 15, "rooms: @rooms");
my $b = build();
my (%defined, %asked);
for my $room (@rooms) {
    for (split /\n/, `nm -A $b/emu/$room.a 2>/dev/null`) {
        my ($file, $kind, $name) = /^.*?:([^:]+):\S* +(\w) (\S+)$/ or next;
        $defined{$name}{$room} = 1 if $kind =~ /[TDBRCVW]/;
        $asked{$room}{$name} = $file if $kind eq 'U';
    }
}
my %height = map { $rooms[$_] => $_ } 0 .. $#rooms;
my @up;
for my $room (@rooms) {
    for my $name (sort keys %{ $asked{$room} }) {
        my @in = keys %{ $defined{$name} // {} } or next; # a library's function
        next if grep { $height{$_} <= $height{$room} } @in;
        push @up, "$room/$asked{$room}{$name} calls $name of $in[0]";
    }
}
is(join("\n", @up), '', 'no room calls one above it');
cmp_ok(scalar keys %defined, '>', 1000, '... and the archives were read');

# Returns nm's lines for a folder's objects. (One whose source is gone is left over from an earlier build.)
sub symbols {
    my ($objects, $sources, $folder) = @_;
    my @o = grep { my $source = s{^\Q$objects\E}{$sources}r =~ s/\.o$//r; -e $source || -e "$source.c" }
        split /\n/, `find $objects/$folder -name '*.o'`;
    return `nm @o`;
}

# Returns the calls that a README's table of calls that go up lists, each as "`from` -> `to`: name" => 1.
sub listed {
    return map {
        my ($arrow, $names) = @$_;
        map { ("$arrow: $_" => 1) } $names =~ /`(\w+)`/g
    } map { [ /^\| (`\w+` -> `\w+`) \| (.*?) \|/ ] } grep { /^\| `\w+` -> / } split /\n/, shift;
}

# ---- the guest's kernel: which rooms call which ----

my ($order) = slurp('guest/README.md') =~ /^Rooms from the top: (.*?)\./m;
my @storeys = $order =~ /`(\w+)`/g;
my %said = listed(slurp('guest/README.md'));
my (%home, %calls);
for my $room (@storeys) {
    for (split /\n/, symbols("$b/guest/obj", 'guest/kernel', $room)) {
        my ($kind, $name) = /(\w) (\S+)$/ or next;
        $home{$name} = $room if $kind =~ /[TDBR]/;
        $calls{$room}{$name} = 1 if $kind eq 'U';
    }
}
my %level = map { $storeys[$_] => $_ } 0 .. $#storeys;
my %found;
for my $room (@storeys) {
    for my $name (keys %{ $calls{$room} }) {
        my $of = $home{$name};
        $found{"`$room` -> `$of`: $name"} = 1
            if $of && $level{$of} < $level{$room} && $name !~ /^policy_/;
    }
}
is(join("\n", sort keys %found), join("\n", sort keys %said),
    "the guest's kernel: calls that go up are those of its README");
cmp_ok(scalar keys %found, '<=', 50, '... not more than 50');

# ---- emu/monitor: its folders ----

my $monitor = slurp('emu/monitor/README.md');
my @folders = $monitor =~ /^Folders from the top: (.*?)\./m ? $1 =~ /`(\w+)`/g : ();
my (%has, %wants);
for my $folder (@folders) {
    for (split /\n/, symbols("$b/emu/monitor", 'emu/monitor', $folder)) {
        my ($kind, $name) = /(\w) (\S+)$/ or next;
        $has{$name} = $folder if $kind =~ /[TDBR]/;
        $wants{$folder}{$name} = 1 if $kind eq 'U';
    }
}
my %floor = map { $folders[$_] => $_ } 0 .. $#folders;
my (@rise, @beneath);
for my $folder (@folders) {
    for my $name (sort keys %{ $wants{$folder} }) {
        my $of = $has{$name};
        push @rise, "`$folder` -> `$of`: $name" if $of && $floor{$of} < $floor{$folder};
        push @beneath, "$folder: $name"
            if grep { $defined{$name}{$_} } qw(isa hart mmu time dev boot linux xv6);
    }
}
my %listed = listed($monitor);
is(join("\n", sort @rise), join("\n", sort keys %listed),
    'emu/monitor: calls that go up are those of its README');
cmp_ok(scalar keys %has, '>', 200, '... and the objects were read');
is(join("\n", @beneath), '', 'monitor does not call isa, hart, mmu, time, dev, boot, linux or xv6');

# Counts a struct's members (those of a struct inside it are one).
sub members {
    my $body = shift =~ s{/\*.*?\*/}{}gsr;
    1 while $body =~ s/\{[^{}]*\}//g;
    1 while $body =~ s/\([^()]*\)//g;
    return scalar(() = $body =~ /[;,]/g);
}
my %members;
for my $header (glob 'emu/monitor/*.h emu/monitor/*/*.h emu/show/*.h') {
    my $text = slurp($header);
    $members{$1} = members($2) while $text =~ /^struct (\w+) \{\n(.*?)^\}/gms;
}
cmp_ok($members{session}, '>', 20, 'the members of struct session were counted');
is(join(' ', map { "$_: $members{$_}" } grep { $members{$_} > 40 } sort keys %members), '',
    'no struct of emu/monitor or emu/show has more than 40 members');

# ---- a policy's rows ----

my ($chosen) = slurp('guest/kernel/policy/README.md') =~ /^## Where the victim(.*?)^## /ms;
for my $rows ([$chosen, '`%s`', 'guest/kernel/policy/README.md says where each policy chooses the victim'],
    [slurp('emu/inspect/display/sliders.c'), '{"%s", ', 'sliders.c says which tunables each policy reads'],
    [slurp('emu/inspect/words/caption.c') =~ /^(.*rules\[.*?^    \};)/ms, ' %s ', 'caption.c says why each policy takes a page']) {
    my @policies = slurp('guest/kernel/policy/policies.def') =~ /^POLICY\((\w+)/mg;
    is(join(' ', grep { index($rows->[0], sprintf $rows->[1], $_) < 0 } @policies), '', $rows->[2]);
}

# (`NAME. ` in a row stands for all tunables of that prefix. Those of UFS, a file system, are left out.)
my $reads = join ' ', slurp('emu/inspect/display/sliders.c') =~ /\{"\w+", (.*?)\}/g;
my $sources = join '', map { slurp($_) } glob 'guest/kernel/policy/*/*.[ch]';
my %tunable = slurp('guest/abi/tunables.def') =~ /^TUNABLE\((\w+), "((?!ufs)[^"]+)"/mg;
is(join(' ', grep { $reads !~ /["\s](?:\Q$_\E|@{[ s{\..*}{\\.}r ]}) / }
        map { $sources =~ /TUN_$_\b/ ? $tunable{$_} : () } sort keys %tunable),
    '', 'sliders.c names each tunable that a policy reads');

# ---- floor plans ----

# A README.md in a file's folder or above must name the file. A .c's name stands for its header,
# too, and the name of a folder of many similar files (programs, tests, lessons) for all of them.
my %plan = map { m{^(.+)/README\.md$} ? ($1 => slurp($_)) : () } @files;
my (@unnamed, @missing);
for my $file (grep { m{^(?:emu|guest|roms|tests|tools)/} } @files) {
    next if $file =~ m{(?:^|/)(?:README\.md|\.gitignore)$|\.(?:png|gz|bin)$|/corpus/};
    my ($plans, $dir) = ('', $file);
    $plans .= $plan{$dir} // '' while $dir =~ s{/[^/]*$}{};
    my ($name) = $file =~ m{([^/]+)$};
    my @names = ($name, $name =~ /^(.*)\.h$/ ? "$1.c" : ());
    my $stem = $name =~ s/\.\w+$//r;
    push @names, map { "$_/" } $file =~ m{([^/]+)/}g if $file !~ m{^(?:emu|guest/kernel|roms)/};
    my $globs = join '|', map { s/([.\[\]])/\\$1/gr =~ s/\*/.*/gr } $plans =~ /`(?:[\w.]+\/)*([\w.]*\*[\w.]*)`/g;
    next if grep { $plans =~ /`(?:[\w.]+\/)*\Q$_\E[` ]/ } @names;
    next if $plans =~ /`(?:\w+\/)*\Q$stem\E\.\[/ || ($globs && $name =~ /^(?:$globs)$/);
    push @unnamed, $file;
}
is(join("\n", @unnamed), '', 'every file is named in a floor plan');
for my $dir (sort keys %plan) {
    my @cells = $plan{$dir} =~ /^\| (`[^|]*)\|/mg;
    for my $name (map { /`([\w\/.-]+\.(?:c|h|def|t|pm|py|S|mk|md))`/g } @cells) {
        push @missing, "$dir/README.md: $name"
            unless grep { m{^\Q$dir\E/(?:.*/)?\Q$name\E$} } @files;
    }
}
is(join("\n", @missing), '', 'every file of a floor plan exists');
done_testing;
