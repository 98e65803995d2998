// Queries and keys are read as f32, where a head's size is not a multiple of four.
alias Part = f32;
const PART = 1u;
fn inner(a: Part, b: Part) -> f32 { return a * b; }
@group(0) @binding(2) var<storage, read> keys: array<Part>;
@group(0) @binding(3) var<storage, read> values: array<f32>;
fn keyAt(i: u32) -> Part { return keys[i]; }
fn valueAt(i: u32) -> f32 { return values[i]; }
