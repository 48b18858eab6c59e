# SPDX-License-Identifier: MIT
# Reads a Perfetto trace: first every field by the published definitions (protos/perfetto/trace of
# the Perfetto project, without fields that only other programs use), then the tracks, slices,
# instants and values. $trace->{wrong} lists violations, the first 20.
package PerfettoTrace;
use strict;
use warnings;

# NUMBER => [NAME, KIND]. Kinds: u a varint, f eight bytes, s a text, else a message.
my %message = (
    Trace => { 1 => ['packet', 'TracePacket'] },
    TracePacket => {
        8 => ['timestamp', 'u'], 10 => ['trusted_packet_sequence_id', 'u'],
        11 => ['track_event', 'TrackEvent'], 12 => ['interned_data', 'InternedData'],
        13 => ['sequence_flags', 'u'], 42 => ['previous_packet_dropped', 'u'],
        58 => ['timestamp_clock_id', 'u'], 60 => ['track_descriptor', 'TrackDescriptor'],
        87 => ['first_packet_on_sequence', 'u'],
    },
    InternedData => {
        1 => ['event_categories', 'Word'], 2 => ['event_names', 'Word'],
        3 => ['debug_annotation_names', 'Word'],
        29 => ['debug_annotation_string_values', 'Word'],
    },
    Word => { 1 => ['iid', 'u'], 2 => ['name', 's'] },
    TrackDescriptor => {
        1 => ['uuid', 'u'], 2 => ['name', 's'], 3 => ['process', 'ProcessDescriptor'],
        4 => ['thread', 'ThreadDescriptor'], 5 => ['parent_uuid', 'u'],
        8 => ['counter', 'CounterDescriptor'],
        9 => ['disallow_merging_with_system_tracks', 'u'], 11 => ['child_ordering', 'u'],
        12 => ['sibling_order_rank', 'u'],
    },
    ProcessDescriptor => {
        1 => ['pid', 'u'], 2 => ['cmdline', 's'], 3 => ['legacy_sort_index', 'u'],
        5 => ['process_priority', 'u'], 6 => ['process_name', 's'],
        7 => ['start_timestamp_ns', 'u'],
    },
    ThreadDescriptor => {
        1 => ['pid', 'u'], 2 => ['tid', 'u'], 3 => ['legacy_sort_index', 'u'],
        5 => ['thread_name', 's'],
    },
    CounterDescriptor => {
        1 => ['type', 'u'], 2 => ['categories', 's'], 3 => ['unit', 'u'],
        4 => ['unit_multiplier', 'u'], 5 => ['is_incremental', 'u'],
        6 => ['unit_name', 's'],
    },
    TrackEvent => {
        3 => ['category_iids', 'u'], 4 => ['debug_annotations', 'DebugAnnotation'],
        9 => ['type', 'u'], 10 => ['name_iid', 'u'], 11 => ['track_uuid', 'u'],
        22 => ['categories', 's'], 23 => ['name', 's'], 30 => ['counter_value', 'u'],
        44 => ['double_counter_value', 'f'], 47 => ['flow_ids', 'f'],
        48 => ['terminating_flow_ids', 'f'],
    },
    DebugAnnotation => {
        1 => ['name_iid', 'u'], 2 => ['bool_value', 'u'], 3 => ['uint_value', 'u'],
        4 => ['int_value', 'u'], 5 => ['double_value', 'f'], 6 => ['string_value', 's'],
        7 => ['pointer_value', 'u'], 10 => ['name', 's'], 17 => ['string_value_iid', 'u'],
    },
);
my %wire = (u => 0, f => 1);

sub varint {
    my ($bytes, $at, $end) = @_;
    my ($v, $shift) = (0, 0);
    while ($$at < $end) {
        my $b = ord substr $$bytes, $$at++, 1;
        $v |= ($b & 0x7f) << $shift;
        return $v if $b < 0x80;
        $shift += 7;
        die "a number of more than ten bytes\n" if $shift > 63;
    }
    die "cut off in a number\n";
}

# KIND => { TAG => [NAME, KIND] }; a tag is a field's number << 3 | its wire type.
my %tags = map { my $of = $message{$_}; $_ => { map {
    ($_ << 3 | ($wire{ $of->{$_}[1] } // 2)) => $of->{$_} } keys %$of } } keys %message;

# Decodes a message into {NAME => [VALUE, ...]}. Most numbers take one byte.
sub message {
    my ($kind, $bytes, $at, $end) = @_;
    my ($known, %m) = $tags{$kind};
    while ($at < $end) {
        my $tag = ord substr $$bytes, $at++, 1;
        if ($tag >= 0x80) { $at--; $tag = varint($bytes, \$at, $end) }
        my ($name, $of) = @{ $known->{$tag} // die "$kind: no field of tag $tag\n" };
        my $n = $of eq 'f' ? 8 : ord substr $$bytes, $at++, 1;
        if ($n >= 0x80) { $at--; $n = varint($bytes, \$at, $end) }
        $at + ($of eq 'u' ? 0 : $n) <= $end or die "$kind.$name: cut off\n";
        push @{ $m{$name} }, $of eq 'u' ? $n
            : $of eq 'f' ? unpack('Q<', substr $$bytes, $at, 8)
            : $of eq 's' ? substr($$bytes, $at, $n)
            : message($of, $bytes, $at, $at + $n);
        $at += $n if $of ne 'u';
    }
    return \%m;
}

my @kinds = qw(event_categories event_names debug_annotation_names
    debug_annotation_string_values);

# Returns the trace's tracks {UUID => {name, pid, tid, parent, unit}}, events in
# order, each {type, track, ns, name, category, flows, ends (flows that end there), value,
# annotations by name}, slices (events with `end` in ns and `inside`: instants), `packets`, `wrong`.
sub read {
    my ($class, $bytes) = @_;
    my $t = { tracks => {}, events => [], slices => [], wrong => [] };
    my (%word, %last, %open, %instants);
    my $wrong = sub { push @{ $t->{wrong} }, "@_" if @{ $t->{wrong} } < 20 };
    my $trace = eval { message('Trace', \$bytes, 0, length $bytes) };
    if (!$trace) { $wrong->($@); return $t }
    for my $p (@{ $trace->{packet} }) {
        my ($sequence) = @{ $p->{trusted_packet_sequence_id} // [0] };
        my ($flags) = @{ $p->{sequence_flags} // [0] };
        $sequence or $wrong->('a packet of no sequence');
        if (!exists $last{$sequence}) {
            $flags & 1 && $p->{first_packet_on_sequence}
                or $wrong->('the first packet of a sequence is not marked as the first');
            $last{$sequence} = 0;
        } elsif ($flags & 1) {
            %word = ();
        }
        my ($words) = @{ $p->{interned_data} // [{}] };
        for my $kind (@kinds) {
            for (@{ $words->{$kind} // [] }) {
                $word{$kind}{ $_->{iid}[0] } and $wrong->("$kind $_->{iid}[0] twice");
                $word{$kind}{ $_->{iid}[0] } = $_->{name}[0];
            }
        }
        my $look = sub {
            my ($kind, $iid) = @_;
            $flags & 2 or $wrong->('words without SEQ_NEEDS_INCREMENTAL_STATE');
            return $word{$kind}{$iid} // do { $wrong->("no $kind $iid"); '?' };
        };
        if (my ($d) = @{ $p->{track_descriptor} // [] }) {
            my ($process, $thread, $counter) = map { $d->{$_}[0] } qw(process thread counter);
            $t->{tracks}{ $d->{uuid}[0] } = {
                name => ($d->{name} // $process->{process_name} // $thread->{thread_name})->[0],
                pid => ($process->{pid} // $thread->{pid} // [])->[0],
                tid => ($thread->{tid} // [])->[0], parent => ($d->{parent_uuid} // [])->[0],
                unit => $counter ? $counter->{unit_name}[0] : undef,
            };
            my $parent = $d->{parent_uuid};
            !$parent || $t->{tracks}{ $parent->[0] } or $wrong->('a track whose parent is unknown');
        }
        my ($e) = @{ $p->{track_event} // [] } or next;
        my ($ns) = @{ $p->{timestamp} // [] };
        defined $ns or $wrong->('an event without a time'), next;
        $ns >= $last{$sequence} or $wrong->("time runs backwards: $last{$sequence}, $ns");
        $last{$sequence} = $ns;
        my %event = (type => $e->{type}[0], track => $e->{track_uuid}[0], ns => $ns,
            flows => $e->{flow_ids} // [], ends => $e->{terminating_flow_ids} // []);
        my $track = $t->{tracks}{ $event{track} } or $wrong->('an event on no track'), next;
        $event{name} = $e->{name} ? $e->{name}[0]
            : $e->{name_iid} ? $look->('event_names', $e->{name_iid}[0]) : undef;
        $event{category} = $look->('event_categories', $_) for @{ $e->{category_iids} // [] };
        for my $a (@{ $e->{debug_annotations} // [] }) {
            my $key = $look->('debug_annotation_names', $a->{name_iid}[0]);
            my ($v) = map { @{ $a->{$_} // [] } } qw(uint_value pointer_value);
            $event{$key} = $v
                // $look->('debug_annotation_string_values', $a->{string_value_iid}[0]);
        }
        push @{ $t->{events} }, \%event;
        my $stack = $open{ $event{track} } //= [];
        if ($event{type} == 1) {
            $event{inside} = @{ $instants{ $event{track} } //= [] };
            push @$stack, \%event;
        } elsif ($event{type} == 2) {
            my $slice = pop @$stack or $wrong->("a slice ends at $ns that never began"), next;
            my $here = $instants{ $event{track} };
            $slice->{inside} = [ @{$here}[ $slice->{inside} .. $#$here ] ];
            $slice->{end} = $ns;
            $slice->{status} = $event{status};
            push @{ $t->{slices} }, $slice;
        } elsif ($event{type} == 3) {
            push @{ $instants{ $event{track} } }, \%event;
        } elsif ($event{type} == 4) {
            defined $track->{unit} or $wrong->('a value on a track of no counter');
            $event{value} = $e->{counter_value}[0];
            $track->{value} = $event{value};
        } else {
            $wrong->("an event of type $event{type}");
        }
    }
    $t->{packets} = @{ $trace->{packet} };
    @{ $open{$_} } and $wrong->("a slice on $t->{tracks}{$_}{name} never ends") for keys %open;
    return bless $t, $class;
}

# Returns the UUID of the track named $name (below a track named $under, if given).
sub track {
    my ($t, $name, $under) = @_;
    my @found = grep {
        my $k = $t->{tracks}{$_};
        ($k->{name} // '') eq $name && (!defined $under
            || ($k->{parent} && $t->{tracks}{ $k->{parent} }{name} eq $under))
    } keys %{ $t->{tracks} };
    return $found[0];
}

1;
