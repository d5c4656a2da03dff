/** A map of the world with the partner cities, and a closer one where many lie together. */
import land from "virtual:land";

import type { City, Pictures } from "../contract.js";
import { s } from "../dom.js";
import * as words from "../texts.de.json";
import { fill } from "../texts.js";
import type { Paper } from "./draw.js";
import { type Box, cut, place } from "./labels.js";
import { mark } from "./mark.js";
import { type Point, WIDTH, project } from "./projection.js";

// Nearer than this many times the height of a letter, two cities count as lying together.
const NEAR = 2.4;
// Height of a drawing, and the longest name, as parts of its width.
const SHAPE = 0.62;
const LONGEST = 0.4;

interface Place extends Point {
  name: string;
  city: City | null;
}

/** The pictures, the widest first. */
export function map({ home, cities }: Pictures, paper: Paper): SVGElement[] {
  const { width, size } = paper;
  const places: Place[] = [{ name: home.name, lat: home.lat, lon: home.lon, city: null }, ...cities.map((city) => ({ ...city, city }))]
    .filter((each): each is typeof each & { lat: number; lon: number } => each.lat !== null && each.lon !== null)
    .map(({ name, lat, lon, city }) => ({ name, city, ...project(lat, lon) }));
  const whole = view(places, 0.14, WIDTH * 0.42);
  const crowd = largest(places, (NEAR * size * whole.width) / width);
  const close = crowd.length > 2 ? view(crowd, 0.2, WIDTH * 0.08) : null;
  const far = close ? places.filter((each) => !crowd.includes(each)) : places;
  const label = fill(words.pictures.mapLabel, { home: home.name, count: cities.filter(({ lat }) => lat !== null).length });
  return [
    sheet(label, whole, places, far, paper, close),
    ...(close ? [sheet(words.pictures.closeLabel, close, places, crowd, paper, null)] : []),
  ];
}

/** The part of the world around some places. */
function view(places: Point[], margin: number, least: number): Box {
  const [xs, ys] = [places.map(({ x }) => x), places.map(({ y }) => y)];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const [wide, high] = [Math.max(...xs) - left, Math.max(...ys) - top];
  const width = Math.min(WIDTH, Math.max(wide, high / SHAPE, least) * (1 + 2 * margin));
  const height = width * SHAPE;
  const x = Math.min(Math.max(0, left + wide / 2 - width / 2), WIDTH - width);
  return { x, y: Math.max(0, top + high / 2 - height / 2), width, height };
}

/** The largest group of places each of which has another one of the group near it. */
function largest(places: Place[], distance: number): Place[] {
  const rest = new Set(places);
  let best: Place[] = [];
  for (const first of places) {
    if (!rest.delete(first)) continue;
    const group = [first];
    for (const member of group) {
      for (const other of rest) {
        if (Math.hypot(other.x - member.x, other.y - member.y) < distance && rest.delete(other)) group.push(other);
      }
    }
    if (group.length > best.length) best = group;
  }
  return best;
}

function sheet(
  title: string,
  part: Box,
  places: Place[],
  named: Place[],
  { width, size, measure }: Paper,
  close: Box | null,
): SVGElement {
  const scale = width / part.width;
  const height = Math.round(part.height * scale);
  const at = <P extends Point>(point: P): P => ({ ...point, x: (point.x - part.x) * scale, y: (point.y - part.y) * scale });
  const home = places.find(({ city }) => !city);
  const names = named.map(({ name }) => cut(name, width * LONGEST, measure));
  const labels = place(named.map(at), names.map(measure), size, { x: 2, y: 2, width: width - 4, height: height - 4 });
  return s(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, width: String(width), height: String(height), role: "img", "aria-label": title, class: "map" },
    s("path", { class: "land", d: land, transform: `scale(${scale}) translate(${-part.x} ${-part.y})` }),
    close && frame(at(close), close, scale),
    ...(home ? places.filter(({ city }) => city).map((each) => arc(at(home), at(each))) : []),
    ...places.map((each) => mark(each.city, at(each).x, at(each).y, size * (close && !named.includes(each) ? 0.2 : 0.28))),
    ...named.map((each, index) => {
      const { x, y, anchor } = labels[index]!;
      return s(
        "text",
        { x: x.toFixed(1), y: y.toFixed(1), "text-anchor": anchor, "font-size": String(size), class: each.city ? "name" : "name home" },
        names[index]!,
      );
    }),
  );
}

const frame = ({ x, y }: Point, { width, height }: Box, scale: number): SVGElement =>
  s("rect", { class: "frame", x: String(x), y: String(y), width: String(width * scale), height: String(height * scale), rx: "4" });

/** A line that rises a little, as on maps of flights. */
function arc(from: Point, to: Point): SVGElement {
  const [mx, my] = [(from.x + to.x) / 2, (from.y + to.y) / 2];
  const lift = Math.hypot(to.x - from.x, to.y - from.y) * 0.14;
  const numbers = [from.x, from.y, mx, my - lift, to.x, to.y].map((number) => number.toFixed(1));
  return s("path", { class: "arc", d: `M${numbers[0]} ${numbers[1]}Q${numbers.slice(2).join(" ")}` });
}
