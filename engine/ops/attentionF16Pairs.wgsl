// Queries are read as vec2f, where a head's size is not a multiple of four. Keys and values are f16, two in a word.
alias Part = vec2f;
const PART = 2u;
fn inner(a: Part, b: Part) -> f32 { return dot(a, b); }
@group(0) @binding(2) var<storage, read> keys: array<u32>;
@group(0) @binding(3) var<storage, read> values: array<u32>;
fn keyAt(i: u32) -> Part { return unpack2x16float(keys[i]); }
fn valueAt(i: u32) -> f32 { return unpack2x16float(values[i / 2])[i % 2]; }
