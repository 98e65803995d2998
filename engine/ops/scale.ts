import { sizeOf, type Tensor } from "../graph/tensor";
import { apply, type Op, oneThreadEach } from "./op";
import wgsl from "./scale.wgsl";

/** x · by. */
export const scale = (x: Tensor, attrs: { by: number }): Tensor => apply(scaleOp, [x], attrs);

export const scaleOp: Op<{ by: number }, { size: number; by: number }> = {
  name: "scale",
  shapes: ([x]) => [x],
  params: ([x], { by }) => ({ size: sizeOf(x), by }),
  reference([y], [x], { size, by }) {
    for (let i = 0; i < size; i++) y[i] = x[i] * by;
  },
  gradient: ({ attrs }, [g]) => [scale(g, attrs)],
  gpu: ({ params }) => [{ wgsl, workgroups: oneThreadEach(params.size) }],
  cpu: ({ params: { size } }) => [{ kernel: "scale", items: size, grain: 8192 }],
};
