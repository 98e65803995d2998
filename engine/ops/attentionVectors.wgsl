// Queries and keys are read as vec4f.
alias Part = vec4f;
const PART = 4u;
fn inner(a: Part, b: Part) -> f32 { return dot(a, b); }
@group(0) @binding(2) var<storage, read> keys: array<Part>;
@group(0) @binding(3) var<storage, read> values: array<f32>;
fn keyAt(i: u32) -> Part { return keys[i]; }
fn valueAt(i: u32) -> f32 { return values[i]; }
