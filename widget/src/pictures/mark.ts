/** One sign for each kind of city, by shape as well as by colour. */
import type { City } from "../contract.js";
import { s } from "../dom.js";

export const PARTNER = "Partnerschaft";

/** The home city is a ring around a point, a partner city a point, any other kind a diamond. */
export function mark(city: Pick<City, "kind" | "status"> | null, x: number, y: number, radius: number): SVGElement {
  const [cx, cy, r] = [x.toFixed(1), y.toFixed(1), radius.toFixed(1)];
  if (!city) {
    return s(
      "g",
      { class: "mark home" },
      s("circle", { class: "ring", cx, cy, r: (radius * 1.75).toFixed(1) }),
      s("circle", { cx, cy, r: (radius * 0.8).toFixed(1) }),
    );
  }
  const look = city.status === "ended" ? "mark ended" : "mark";
  if (city.kind === PARTNER) return s("circle", { class: look, cx, cy, r });
  const d = radius * 1.35;
  return s("path", { class: `${look} other`, d: `M${cx} ${(y - d).toFixed(1)}l${d} ${d} ${-d} ${d} ${-d} ${-d}z` });
}
