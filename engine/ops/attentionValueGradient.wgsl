// attentionGradient.wgsl for the gradient of values, which does not read the values.
const BY_KEY = true;
const WITH_DS = false;
@group(0) @binding(1) var<storage, read> q: array<f32>;
@group(0) @binding(2) var<storage, read> keys: array<f32>;
@group(0) @binding(3) var<storage, read> positions: array<i32>;
@group(0) @binding(4) var<storage, read> starts: array<i32>;
@group(0) @binding(5) var<storage, read> lseDelta: array<vec2f>;
@group(0) @binding(6) var<storage, read> g: array<f32>;
@group(0) @binding(7) var<storage, read_write> y: array<f32>;
fn valueAt(i: u32) -> f32 { return 0; }
