// Queries and keys are read as f32, where a head's size is not a multiple of four.
alias Part = f32;
const PART = 1u;
fn inner(a: Part, b: Part) -> f32 { return a * b; }
