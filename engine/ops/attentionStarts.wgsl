// With `starts`: each query has a first key.
@group(0) @binding(5) var<storage, read> starts: array<i32>;
@group(0) @binding(6) var<storage, read_write> y: array<f32>;
@group(0) @binding(7) var<storage, read_write> lse: array<f32>;
fn firstSeen(query: u32) -> u32 { return u32(max(starts[query], 0)); }
