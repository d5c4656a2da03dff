/** A time line of the partner cities, from the oldest at the top to the youngest at the foot. */
import type { City, Pictures } from "../contract.js";
import { s } from "../dom.js";
import * as words from "../texts.de.json";
import { fill } from "../texts.js";
import type { Paper } from "./draw.js";
import { cut } from "./labels.js";
import { mark } from "./mark.js";

// In heights of a letter: between two names, for one year, around the whole.
const ROW = 2.9;
const YEAR = 0.5;
const MARGIN = 2.2;
const AXIS = 4;
const BIG = 1.1;

export type Dated = City & { since: number };

export const dated = (cities: City[]): Dated[] =>
  cities.filter((city): city is Dated => city.since !== null).sort((a, b) => a.since - b.since);

/** Where names go: as near to their years as a row between any two of them allows (pool adjacent violators). */
export function rows(wanted: number[], row: number): number[] {
  const pools: { sum: number; count: number }[] = [];
  wanted.forEach((at, index) => {
    let pool = { sum: at - index * row, count: 1 };
    for (let above = pools.pop(); above; above = pools.pop()) {
      if (above.sum / above.count < pool.sum / pool.count) {
        pools.push(above);
        break;
      }
      pool = { sum: above.sum + pool.sum, count: above.count + pool.count };
    }
    pools.push(pool);
  });
  const least = wanted[0] ?? 0;
  return pools
    .flatMap(({ sum, count }) => Array<number>(count).fill(sum / count))
    .map((offset, index) => Math.max(offset, least - row / 3) + index * row);
}

export function timeline({ cities }: Pictures, { width, size, measure }: Paper): SVGElement[] {
  const known = dated(cities);
  const [first, last] = [known[0]?.since, known[known.length - 1]?.since];
  if (first === undefined || last === undefined) return [];
  const start = Math.floor(first / 10) * 10;
  const end = Math.ceil((last + 1) / 10) * 10;
  const perYear = Math.max(YEAR * size, (known.length * ROW * size) / (end - start));
  const y = (year: number): number => MARGIN * size + (year - start) * perYear;
  const names = rows(known.map(({ since }) => y(since)), ROW * size);
  const axis = AXIS * size;
  const text = axis + 3 * size;
  const height = Math.max(y(end), names[names.length - 1]! + size * 1.5) + size;
  const line = (x1: number, y1: number, x2: number, y2: number, kind: string): SVGElement =>
    s("path", { class: kind, d: `M${x1.toFixed(1)} ${y1.toFixed(1)}C${((x1 + x2) / 2).toFixed(1)} ${y1.toFixed(1)} ${((x1 + x2) / 2).toFixed(1)} ${y2.toFixed(1)} ${x2.toFixed(1)} ${y2.toFixed(1)}` });
  const ticks = Array.from({ length: (end - start) / 10 + 1 }, (_, index) => start + index * 10);
  return [
    s(
      "svg",
      {
        viewBox: `0 0 ${width} ${height.toFixed(0)}`,
        width: String(width),
        height: height.toFixed(0),
        role: "img",
        "aria-label": fill(words.pictures.timelineLabel, { first, last }),
        class: "timeline",
      },
      s("path", { class: "axis", d: `M${axis} ${y(start)}V${y(end).toFixed(1)}` }),
      ...ticks.flatMap((year) => [
        s("path", { class: "axis", d: `M${axis - size * 0.4} ${y(year).toFixed(1)}H${axis}` }),
        s("text", { class: "tick", x: String(axis - size * 0.8), y: (y(year) + size * 0.35).toFixed(1), "text-anchor": "end", "font-size": String(size) }, String(year)),
      ]),
      ...known.flatMap((city, index) => {
        const at = names[index]!;
        return [
          line(axis, y(city.since), text - size * 0.5, at, "lead"),
          mark(city, axis, y(city.since), size * 0.42),
          s(
            "text",
            { x: String(text), y: (at + size * 0.1).toFixed(1), "font-size": String(size * BIG) },
            s("tspan", { class: "year" }, `${city.since} `),
            s("tspan", { class: "name" }, cut(city.name, (width - text) / BIG - measure(`${city.since} `), measure)),
          ),
          s("text", { class: "land-name", x: String(text), y: (at + size * 1.3).toFixed(1), "font-size": String(size) }, cut(city.country, width - text, measure)),
        ];
      }),
    ),
  ];
}
