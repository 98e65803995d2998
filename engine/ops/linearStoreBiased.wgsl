// Stores linear's sums with the bias added.
struct Params { rows: u32, inputs: u32, outputs: u32, biased: u32 }
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

fn store(row: u32, output: u32, sum: f32) {
  if (row < p.rows && output < p.outputs) { y[row * p.outputs + output] = sum + bias[output]; }
}
