// Keys read a float at a time, where a head's size is no multiple of four.
alias Part = f32;
const PART = 1u;
fn inner(a: Part, b: Part) -> f32 { return a * b; }
