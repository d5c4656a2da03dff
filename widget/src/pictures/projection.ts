/** Equal Earth: a map of the world on which areas are true (Šavrič, Patterson, Jenny 2018). */

export interface Point {
  x: number;
  y: number;
}

/** The width of the whole projected world; outlines are stored in whole units of it. */
export const WIDTH = 2400;

const [A1, A2, A3, A4] = [1.340264, -0.081106, 0.000893, 0.003796];
const M = Math.sqrt(3) / 2;
const HALF = equalEarth(0, 180).x;
export const SCALE = WIDTH / 2 / HALF;
/** How far the equator lies below the pole. */
export const TOP = equalEarth(90, 0).y * SCALE;

function equalEarth(lat: number, lon: number): Point {
  const t = Math.asin(M * Math.sin((lat * Math.PI) / 180));
  const t2 = t * t;
  const t6 = t2 * t2 * t2;
  const x = ((lon * Math.PI) / 180) * (Math.cos(t) / (M * (A1 + 3 * A2 * t2 + t6 * (7 * A3 + 9 * A4 * t2))));
  return { x, y: t * (A1 + A2 * t2 + t6 * (A3 + A4 * t2)) };
}

/** Where a place lies on the map; north is up, the upper left corner of the world is near 0, 0. */
export function project(lat: number, lon: number): Point {
  const { x, y } = equalEarth(lat, lon);
  return { x: WIDTH / 2 + x * SCALE, y: TOP - y * SCALE };
}
