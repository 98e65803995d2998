// `npm run bench -- suggestions [PART…]`: what suggestions are worth. Each part writes its own into bench/RESULTS.md; answers
// are kept, so that a run goes on where the last one of the same build stopped.
//
//   line-ends, gaps, calls    on packages that nobody trained or tuned on (packages.json)
//   places                    hand-written places in eight languages, judged by eye (judgements.json)
//   tune                      prints what is right by confidence on packages of its own, by which thresholds are chosen;
//                             only if it is asked for

import { type Engine, loadEngine } from "../../engine";
import { shippedAdapters } from "../../server/models/models";
import { defaults } from "../../server/settings";
import { writePart } from "../results";
import { builtIn } from "../run";
import { callsSection } from "./calls";
import { gapsSection } from "./gaps";
import { lineEndsSection } from "./lineEnds";
import { placesSection } from "./places";
import { tune } from "./tune";

const sections: Record<string, (engine: Engine) => Promise<string>> = {
  "line-ends": lineEndsSection,
  gaps: gapsSection,
  calls: callsSection,
  places: placesSection,
};
const asked = process.argv.slice(3);
const unknown = asked.find((part) => part !== "tune" && !Object.hasOwn(sections, part));
if (unknown) throw new Error(`There is no part ${unknown}; expected ${Object.keys(sections).join(", ")} or tune`);

const engine = await loadEngine(builtIn, {
  device: "cpu",
  threads: 2,
  context: defaults.model.context + 256, // as in the server
  adapters: shippedAdapters(""),
});
for (const part of asked.length ? asked : Object.keys(sections)) {
  console.log(part);
  if (part === "tune") {
    console.log(await tune(engine));
    continue;
  }
  const section = `${await sections[part](engine)}\nMeasured on ${new Date().toISOString().slice(0, 10)}.\n`;
  await writePart(section);
  console.log(section);
}
process.exit(); // the engine's threads would keep it alive
