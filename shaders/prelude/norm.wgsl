// Where the groups of channels lie that a norm is taken over: x [rows, channels] is cut along its channels into segments,
// and each segment of the whole into groups. A rank may hold but a block of the channels.

struct Layout {
  rows: u32, channels: u32, groups: u32, segments: u32,
  whole: u32, first: u32, own: u32, // of a segment: channels of the whole, where the own ones begin in it, how many they are
  unused: u32,
}

// The group of an own channel; padding counts to the last one.
fn group_of(l: Layout, channel: u32) -> u32 {
  return min((l.first + channel % (l.channels / l.segments)) / (l.whole / l.groups), l.groups - 1u);
}

// Own channels of a group in a segment, from x up to y.
fn own_channels(l: Layout, part: u32) -> vec2u {
  let run = l.whole / l.groups;
  return clamp(vec2u(part, part + 1u) * run, vec2u(l.first), vec2u(l.first + l.own)) - l.first;
}
