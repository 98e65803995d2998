// Draws the loss over the steps: each step's as a faint line, the smoothed one as a strong line, and the held-out loss as points.
// The lines are drawn in a box of 100 × 100 that is stretched to the panel's width. Text and points, which must not be
// stretched, are placed in percent.
import { useState } from "preact/hooks";
import type { Lesson } from "../../protocol";
import { count, nats } from "../words";
import { domain, marks, placeOn } from "./scale";
import { heldOut, losses, type Point, smooth } from "./smooth";

export function Curve({ lesson }: { lesson: Lesson }) {
  const [pointed, point] = useState<number>();
  const noisy = losses(lesson);
  const line = smooth(noisy);
  const measured = heldOut(lesson);
  const values = (points: Point[]) => points.map(({ value }) => value);
  const losing = domain([...values(line), ...values(measured)], values(noisy));
  const steps = { low: 0, high: Math.max(1, lesson.steps) };
  const x = placeOn(steps);
  const fromBottom = placeOn(losing);
  const y = (value: number) => Number((100 - fromBottom(value)).toFixed(2));
  const path = (points: Point[]) =>
    points.map(({ step, value }, i) => `${i ? "L" : "M"}${x(step)} ${y(value)}`).join("");
  const nearest = pointed === undefined ? undefined : closest(line, steps.high * pointed);
  const box = (event: PointerEvent) => (event.currentTarget as Element).getBoundingClientRect();

  return (
    <figure class="curve">
      <figcaption>
        <span class="key loss">{nearest ? `Step ${count(nearest.step)}: loss ${nats(nearest.value)}` : "Loss"}</span>
        <span class="key held-out">Held-out loss</span>
        <span class="unit">nats a token, lower is better</span>
      </figcaption>
      <svg
        role="img"
        aria-label={describe(line, measured)}
        onPointerMove={(event) => point((event.clientX - box(event).left) / box(event).width)}
        onPointerLeave={() => point(undefined)}
      >
        {marks(losing, 4).map((value, _, all) => (
          <g key={value}>
            <line class="grid" x1="0" x2="100%" y1={`${y(value)}%`} y2={`${y(value)}%`} />
            <text class="mark" x="-10" y={`${y(value)}%`} dy="0.32em" text-anchor="end">
              {value.toFixed(Math.max(...all.map(decimals)))}
            </text>
          </g>
        ))}
        {marks(steps, 6)
          .filter(Number.isInteger)
          .map((value) => (
            <text key={value} class="mark" x={`${x(value)}%`} y="100%" dy="1.9em" text-anchor="middle">
              {value === 0 ? "Step 0" : count(value)}
            </text>
          ))}
        <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true" width="100%" height="100%">
          <path class="every" d={path(noisy)} />
          <path class="between" d={path(measured)} />
          <path class="line" d={path(line)} />
        </svg>
        {line.length === 1 && <circle class="only" cx={`${x(line[0]!.step)}%`} cy={`${y(line[0]!.value)}%`} r="3" />}
        {measured.map(({ step, value }) => (
          <circle key={step} class="point" cx={`${x(step)}%`} cy={`${y(value)}%`} r="4.5" />
        ))}
        {nearest && <line class="pointed" x1={`${x(nearest.step)}%`} x2={`${x(nearest.step)}%`} y1="0" y2="100%" />}
      </svg>
    </figure>
  );
}

const decimals = (value: number) => String(value).split(".")[1]?.length ?? 0;

const closest = (points: Point[], step: number) =>
  points.reduce<Point | undefined>(
    (best, point) => (best && Math.abs(best.step - step) <= Math.abs(point.step - step) ? best : point),
    undefined,
  );

function describe(line: Point[], measured: Point[]): string {
  const fromTo = (name: string, points: Point[]) =>
    points.length ? [`${name} from ${nats(points[0]!.value)} to ${nats(points.at(-1)!.value)}`] : [];
  const told = [...fromTo("loss", line), ...fromTo("held-out loss", measured)];
  return told.length ? `Curves: ${told.join(", ")}. The numbers are in the table below.` : "No step was taken yet.";
}

/** The same numbers as a table, for people who cannot see the curve: some forty rows with the smoothed loss. */
export function CurveTable({ lesson }: { lesson: Lesson }) {
  const line = new Map(smooth(losses(lesson)).map(({ step, value }) => [step, value]));
  const measured = new Map(heldOut(lesson).map(({ step, value }) => [step, value]));
  const every = Math.max(1, Math.ceil(lesson.steps / 40));
  const rows = [...new Set([...line.keys(), ...measured.keys()])]
    .filter((step) => step % every === 0 || measured.has(step))
    .sort((a, b) => a - b);
  const cell = (value?: number) => <td class="number">{value === undefined ? "" : nats(value)}</td>;
  return (
    <details class="numbers">
      <summary>The numbers</summary>
      <table>
        <thead>
          <tr>
            <th scope="col" class="number">
              Step
            </th>
            <th scope="col" class="number">
              Loss, smoothed
            </th>
            <th scope="col" class="number">
              Held out
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((step) => (
            <tr key={step}>
              <th scope="row" class="number">
                {count(step)}
              </th>
              {cell(line.get(step))}
              {cell(measured.get(step))}
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
