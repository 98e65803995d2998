// Queries and keys are read as vec4f.
alias Part = vec4f;
const PART = 4u;
fn inner(a: Part, b: Part) -> f32 { return dot(a, b); }
