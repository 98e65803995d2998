// A lesson's curve grows with the server's notifications.
import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { extended } from "../../client/lessonProgress";

test("new points are added, and points of the same step are merged", () => {
  const curve = extended([], [{ step: 0, heldOut: 2.4 }]);
  const longer = extended(curve, [
    { step: 1, loss: 2.2 },
    { step: 2, loss: 2.1 },
  ]);
  deepEqual(extended(longer, [{ step: 2, heldOut: 2.3 }]), [
    { step: 0, heldOut: 2.4 },
    { step: 1, loss: 2.2 },
    { step: 2, loss: 2.1, heldOut: 2.3 },
  ]);
  deepEqual(extended(longer, []), longer);
});

test("a lesson that resumes from an earlier step replaces the points from there on", () => {
  const curve = [1, 2, 3, 4].map((step) => ({ step, loss: 3 }));
  deepEqual(extended(curve, [{ step: 3, loss: 2 }]), [
    { step: 1, loss: 3 },
    { step: 2, loss: 3 },
    { step: 3, loss: 2 },
  ]);
});
