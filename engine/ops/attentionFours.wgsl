// Keys read four floats at a time.
alias Part = vec4f;
const PART = 4u;
fn inner(a: Part, b: Part) -> f32 { return dot(a, b); }
