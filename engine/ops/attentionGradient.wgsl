// The reverse pass of attention (FlashAttention-2, arXiv:2307.08691). A workgroup of 64 threads computes the gradients of
// 32 rows, over tiles of 32 columns: rows are queries and columns keys, or the other way round. The threads form a grid
// of 8 × 8; each computes 4 × 4 values of a tile.
//
//   S             q · key of rows and columns, over DEPTH dimensions at a time, which are in shared memory
//   dP            g · value, likewise
//   coefficients  of each row and column: P, or dS = P · (dP − delta) · score'(q·k); in shared memory
//   gradients     coefficients · vectors of the columns, of which 32 dimensions at a time are in shared memory
//
// The op's own file is put before this. It has CHUNKS (of 32 dimensions, in gradients), BY_KEY (rows are keys), WITH_DS
// (coefficients are dS), the bindings and valueAt.
struct Params { count: u32, heads: u32, kvHeads: u32, dim: u32, valueDim: u32, capacity: u32, scale: f32, softCap: f32 }
@group(0) @binding(0) var<uniform> p: Params;

const THREADS = 64u;
const TILE = 32u;
/// Vectors of four along a side of a tile.
const VECTORS = TILE / 4;
const DEPTH = 16u;

alias Square = array<vec4f, 4>;
/** [dimension][4 rows], [dimension][4 columns]. */
var<workgroup> rows: array<vec4f, DEPTH * VECTORS>;
var<workgroup> columns: array<vec4f, DEPTH * VECTORS>;
/** [column][4 rows], [column][4 dimensions]. */
var<workgroup> coefficients: array<vec4f, TILE * VECTORS>;
var<workgroup> vectors: array<vec4f, TILE * VECTORS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = id.x * TILE;
  let sharing = select(1, p.heads / p.kvHeads, BY_KEY);
  var gradients: array<Square, CHUNKS>;
  for (var column = 0u; column < select(p.capacity, p.count, BY_KEY); column += TILE) {
    if (!anyVisible(select(row, column, BY_KEY), select(column, row, BY_KEY))) { continue; }
    for (var head = id.y * sharing; head < (id.y + 1) * sharing; head++) {
      computeCoefficients(row, column, head, thread);
      for (var chunk = 0u; chunk < CHUNKS; chunk++) {
        gradients[chunk] = accumulated(gradients[chunk], column, head, chunk * TILE, thread);
      }
    }
  }
  let size = select(p.valueDim, p.dim, WITH_DS);
  for (var i = 0u; i < CHUNKS * 16; i++) {
    let at = row + thread / VECTORS * 4 + i / 4 % 4;
    let k = i / 16 * TILE + thread % VECTORS * 4 + i % 4;
    if (at < select(p.count, p.capacity, BY_KEY) && k < size) {
      y[(at * select(p.heads, p.kvHeads, BY_KEY) + id.y) * size + k] = gradients[i / 16][i / 4 % 4][i % 4];
    }
  }
}

/** Whether any of the queries of a tile sees any of its keys. */
fn anyVisible(query: u32, key: u32) -> bool {
  for (var i = query; i < min(query + TILE, p.count); i++) {
    if (starts[i] < i32(key + TILE) && positions[i] >= i32(key)) { return true; }
  }
  return false;
}

/** Computes a tile's coefficients, in shared memory. */
fn computeCoefficients(row: u32, column: u32, head: u32, thread: u32) {
  let scores = products(false, row, column, head, thread);
  var dP: Square;
  if (WITH_DS) { dP = products(true, row, column, head, thread); }
  for (var j = 0u; j < 4; j++) {
    let c = thread % VECTORS * 4 + j;
    var four: vec4f;
    for (var i = 0u; i < 4; i++) {
      let at = vec2u(row + thread / VECTORS * 4 + i, column + c);
      four[i] = coefficient(select(at, at.yx, BY_KEY), head, scores[i][j], dP[i][j]);
    }
    coefficients[c * VECTORS + thread / VECTORS] = four;
  }
}

/** P or dS of a query and a key, given q·k and dP. */
fn coefficient(pair: vec2u, head: u32, product: f32, dP: f32) -> f32 {
  let key = i32(pair.y);
  if (pair.x >= p.count || pair.y >= p.capacity) { return 0; }
  if (key < starts[pair.x] || key > positions[pair.x]) { return 0; }
  let row = lseDelta[pair.x * p.heads + head];
  let score = scoreOf(product);
  let probability = exp(score - row.x);
  return select(probability, probability * (dP - row.y) * scoreDerivative(score), WITH_DS);
}

/** The score, given q·k: scaled and soft-capped. tanh's argument is clamped, for large ones may overflow. */
fn scoreOf(product: f32) -> f32 {
  let score = product * p.scale;
  if (p.softCap == 0) { return score; }
  return p.softCap * tanh(clamp(score / p.softCap, -10, 10));
}

/** The derivative of a score with respect to q·k. */
fn scoreDerivative(score: f32) -> f32 {
  if (p.softCap == 0) { return p.scale; }
  let tangent = score / p.softCap;
  return p.scale * (1 - tangent * tangent);
}

/** The dot products of a tile's rows and columns: S, or dP. */
fn products(ofDP: bool, row: u32, column: u32, head: u32, thread: u32) -> Square {
  var found: Square;
  for (var k = 0u; k < select(p.dim, p.valueDim, ofDP); k += DEPTH) {
    workgroupBarrier();
    for (var i = thread; i < DEPTH * VECTORS; i += THREADS) {
      let at = i % DEPTH * VECTORS + i / DEPTH;
      rows[at] = four(BY_KEY, ofDP, row + i / DEPTH * 4, head, k + i % DEPTH);
      columns[at] = four(!BY_KEY, ofDP, column + i / DEPTH * 4, head, k + i % DEPTH);
    }
    workgroupBarrier();
    for (var i = 0u; i < DEPTH; i++) {
      found = added(found, rows[i * VECTORS + thread / VECTORS], columns[i * VECTORS + thread % VECTORS]);
    }
  }
  return found;
}

/** Adds a tile's part of the gradients, 32 dimensions from `k` on. */
fn accumulated(gradients: Square, column: u32, head: u32, k: u32, thread: u32) -> Square {
  workgroupBarrier();
  for (var i = thread; i < TILE * VECTORS; i += THREADS) {
    var part: vec4f;
    for (var j = 0u; j < 4; j++) {
      part[j] = value(!BY_KEY, !WITH_DS, column + i / VECTORS, head, k + i % VECTORS * 4 + j);
    }
    vectors[i] = part;
  }
  workgroupBarrier();
  var sum = gradients;
  for (var c = 0u; c < TILE; c++) {
    sum = added(sum, coefficients[c * VECTORS + thread / VECTORS], vectors[c * VECTORS + thread % VECTORS]);
  }
  return sum;
}

fn added(sum: Square, rows: vec4f, columns: vec4f) -> Square {
  return Square(sum[0] + rows.x * columns, sum[1] + rows.y * columns, sum[2] + rows.z * columns, sum[3] + rows.w * columns);
}

fn four(ofKey: bool, ofDP: bool, i: u32, head: u32, k: u32) -> vec4f {
  return vec4f(value(ofKey, ofDP, i, head, k), value(ofKey, ofDP, i + 1, head, k), value(ofKey, ofDP, i + 2, head, k),
    value(ofKey, ofDP, i + 3, head, k));
}

/** Value k of row i of `head`: for S of q or of a key, for dP of g or of a value. */
fn value(ofKey: bool, ofDP: bool, i: u32, head: u32, k: u32) -> f32 {
  if (i >= select(p.count, p.capacity, ofKey) || k >= select(p.dim, p.valueDim, ofDP)) { return 0; }
  let at = select(i * p.heads + head, i * p.kvHeads + head * p.kvHeads / p.heads, ofKey);
  if (ofDP) {
    if (ofKey) { return valueAt(at * p.valueDim + k); }
    return g[at * p.valueDim + k];
  }
  if (ofKey) { return keys[at * p.dim + k]; }
  return q[at * p.dim + k];
}
