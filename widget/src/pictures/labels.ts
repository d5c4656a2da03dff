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

const overlap = (a: Box, b: Box): number =>
  Math.max(0, Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)) *
  Math.max(0, Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y));

/** A label for each point: of the places around it the one that covers least. Widths are those of the names. */
export function place(points: Point[], widths: number[], size: number, room: Box): Label[] {
  const gap = size * 0.62;
  const taken: Box[] = points.map(({ x, y }) => ({ x: x - gap / 2, y: y - gap / 2, width: gap, height: gap }));
  return points.map(({ x, y }, index) => {
    const width = widths[index] ?? 0;
    const side = (anchor: Label["anchor"], dx: number, dy: number): { label: Label; box: Box } => ({
      label: { anchor, x: x + dx, y: y + dy },
      box: {
        x: x + dx - (anchor === "start" ? 0 : anchor === "end" ? width : width / 2),
        y: y + dy - size * 0.85,
        width,
        height: size * 1.1,
      },
    });
    const choices = [
      side("start", gap, size * 0.35),
      side("end", -gap, size * 0.35),
      side("middle", 0, -gap),
      side("middle", 0, gap + size * 0.75),
      side("start", gap * 0.7, -gap * 0.7),
      side("end", -gap * 0.7, -gap * 0.7),
      side("start", gap * 0.7, gap * 0.7 + size * 0.7),
      side("end", -gap * 0.7, gap * 0.7 + size * 0.7),
    ];
    const cost = (box: Box): number =>
      taken.reduce((sum, other, at) => sum + (at === index ? 0 : overlap(box, other)), 0) +
      (box.width * box.height - overlap(box, room)) * 4;
    const best = choices.reduce((a, b) => (cost(b.box) < cost(a.box) - 0.5 ? b : a));
    taken.push(best.box);
    return best.label;
  });
}
