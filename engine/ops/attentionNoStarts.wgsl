// Without `starts`: every query sees the keys from the first on.
@group(0) @binding(5) var<storage, read_write> y: array<f32>;
@group(0) @binding(6) var<storage, read_write> lse: array<f32>;
fn firstSeen(query: u32) -> u32 { return 0; }
