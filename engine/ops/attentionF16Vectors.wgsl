// Queries are read as vec4f. Keys and values are f16, two in a word.
alias Part = vec4f;
const PART = 4u;
fn inner(a: Part, b: Part) -> f32 { return dot(a, b); }
@group(0) @binding(2) var<storage, read> keys: array<vec2u>;
@group(0) @binding(3) var<storage, read> values: array<u32>;
fn keyAt(i: u32) -> Part { return vec4f(unpack2x16float(keys[i].x), unpack2x16float(keys[i].y)); }
fn valueAt(i: u32) -> f32 { return unpack2x16float(values[i / 2])[i % 2]; }
