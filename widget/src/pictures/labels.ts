/** Places names beside their points so that they do not cover each other. */
import type { Point } from "./projection.js";

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Label extends Point {
  anchor: "start" | "middle" | "end";
}

interface Choice {
  label: Label;
  box: Box;
}

const ROUNDS = 4;

const overlap = (a: Box, b: Box): number =>
  Math.max(0, Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)) *
  Math.max(0, Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y));

/** As much of a name as there is room for; the table has all of it. */
export function cut(name: string, room: number, measure: (text: string) => number): string {
  const letters = [...name];
  while (letters.length > 1 && measure(`${letters.join("")}…`) > room) letters.pop();
  return measure(name) <= room ? name : `${letters.join("").trimEnd()}…`;
}

/** A label for each point: of the places around it the one that covers least. Widths are those of the names. */
export function place(points: Point[], widths: number[], size: number, room: Box): Label[] {
  const gap = size * 0.62;
  const dots = points.map(({ x, y }) => ({ x: x - gap / 2, y: y - gap / 2, width: gap, height: gap }));
  const choices = points.map((point, index) => around(point, widths[index] ?? 0, size, gap));
  const chosen: (Choice | undefined)[] = points.map(() => undefined);
  const cost = ({ box }: Choice, self: number): number =>
    [...dots, ...chosen.map((other) => other?.box)].reduce(
      (sum, other, index) => sum + (other && index % points.length !== self ? overlap(box, other) : 0),
      (box.width * box.height - overlap(box, room)) * 4,
    );
  // Later names push earlier ones to better places.
  for (let round = 0; round < ROUNDS; round++) {
    choices.forEach((some, self) => {
      chosen[self] = some.reduce((a, b) => (cost(b, self) < cost(a, self) - 0.5 ? b : a));
    });
  }
  return chosen.map((choice) => choice!.label);
}

/** The places for a name around a point, the best to read first. */
function around({ x, y }: Point, width: number, size: number, gap: number): Choice[] {
  const side = (anchor: Label["anchor"], dx: number, dy: number): Choice => ({
    label: { anchor, x: x + dx, y: y + dy },
    box: {
      x: x + dx - (anchor === "start" ? 0 : anchor === "end" ? width : width / 2),
      y: y + dy - size * 0.85,
      width,
      height: size * 1.1,
    },
  });
  return [
    side("start", gap, size * 0.35),
    side("end", -gap, size * 0.35),
    side("middle", 0, -gap),
    side("middle", 0, gap + size * 0.75),
    side("start", gap * 0.7, -gap * 0.7),
    side("end", -gap * 0.7, -gap * 0.7),
    side("start", gap * 0.7, gap * 0.7 + size * 0.7),
    side("end", -gap * 0.7, gap * 0.7 + size * 0.7),
  ];
}
