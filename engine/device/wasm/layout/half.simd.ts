// Converts single f16 numbers to f32 and back.

/** The f16 at `at`. */
export function half(at: usize): f32 {
  return smallHalf(at) * powerOfTwo(112);
}

/** The f16 at `at` times 2^-112: this only moves its bits to where f32 has them. */
export function smallHalf(at: usize): f32 {
  return reinterpret<f32>((((<i32>load<u16>(at)) << 16) >> 3) & 0x8fffe000);
}

/** The bits of an f16, given its value, which must be one that f16 can hold. */
export function toHalf(value: f32): u16 {
  const bits = reinterpret<u32>(value * powerOfTwo(-112));
  return <u16>(((bits >> 16) & 0x8000) | ((bits >> 13) & 0x7fff));
}

/** 2^n. */
export function powerOfTwo(n: i32): f32 {
  return reinterpret<f32>((n + 127) << 23);
}
