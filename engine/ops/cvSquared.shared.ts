// What cvSquared and its gradient share.

/** The mean and the unbiased variance. */
export function momentsOf(z: Float64Array): { mean: number; variance: number } {
  const mean = z.reduce((sum, value) => sum + value, 0) / z.length;
  const squares = z.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, variance: squares / Math.max(1, z.length - 1) };
}
