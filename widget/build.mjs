// Builds the chat and its pictures into the front desk's static files: node build.mjs [folder]
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { geoEqualEarth, geoPath } from "d3-geo";
import { feature } from "topojson-client";
import { minify } from "terser";
import { presimplify, simplify } from "topojson-simplify";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const folder = process.argv[2] ?? here("../partnerstadt/front/static");
// Square degrees: bends smaller than this are not seen at the size of our maps.
const DETAIL = 0.06;

/** Style sheets become texts, without white space and comments. */
const styles = {
  name: "styles",
  setup(build) {
    build.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await esbuild.transform(await readFile(path, "utf8"), { loader: "css", minify: true });
      return { contents: code.trim(), loader: "text" };
    });
  },
};

/** Natural Earth's outlines (1:110 million), simplified and projected here once instead of in every browser. */
async function outlines() {
  const { WIDTH, SCALE, TOP } = await import("./src/pictures/projection.ts");
  const world = JSON.parse(await readFile(here("node_modules/world-atlas/land-110m.json"), "utf8"));
  const rough = feature(simplify(presimplify(world), DETAIL), "land");
  // The same projection as in projection.ts; this one also cuts where the map ends.
  const projection = geoEqualEarth().precision(0).scale(SCALE).translate([WIDTH / 2, TOP]);
  const outline = new Outline();
  geoPath(projection, outline)(rough);
  return outline.text;
}

const land = {
  name: "land",
  setup(build) {
    build.onResolve({ filter: /^virtual:land$/ }, ({ path }) => ({ path, namespace: "land" }));
    build.onLoad({ filter: /.*/, namespace: "land" }, async () => ({ contents: await outlines(), loader: "text" }));
  },
};

/** Takes a drawing and gives the data of an SVG path in whole, relative numbers. */
class Outline {
  text = "";
  #ring = "";
  #start = "";
  #x = 0;
  #y = 0;

  moveTo(x, y) {
    [this.#x, this.#y] = [Math.round(x), Math.round(y)];
    [this.#start, this.#ring] = [`M${this.#x} ${this.#y}l`, ""];
  }

  lineTo(x, y) {
    const [dx, dy] = [Math.round(x) - this.#x, Math.round(y) - this.#y];
    if (!dx && !dy) return;
    this.#ring += `${dx < 0 || !this.#ring ? "" : " "}${dx}${dy < 0 ? "" : " "}${dy}`;
    this.#x += dx;
    this.#y += dy;
  }

  closePath() {
    if (this.#ring) this.text += `${this.#start}${this.#ring}z`;
  }
}

async function build(entryPoints, format) {
  const { outputFiles } = await esbuild.build({
    bundle: true,
    charset: "utf8",
    entryPoints,
    format,
    legalComments: "none",
    logLevel: "warning",
    minify: true,
    outdir: folder,
    plugins: [styles, land],
    target: ["chrome105", "firefox105", "safari16.4"],
    write: false,
  });
  for (const { path, text } of outputFiles) {
    const options = { compress: { passes: 3, unsafe_arrows: true }, ecma: 2020, module: format === "esm" };
    const { code } = await minify(text, options);
    await writeFile(path, `${code}\n`);
  }
}

await mkdir(folder, { recursive: true });
await build({ "partnerstadt-chat": here("src/main.ts") }, "iife");
// Loaded on demand, so that a page that never shows a picture never pays for it.
await build({ "partnerstadt-map": here("src/pictures/draw.ts"), "partnerstadt-paper": here("src/paper.ts") }, "esm");
// The front desk draws the same map for messengers (drawing.py).
await writeFile(`${folder}/land.txt`, `${await outlines()}\n`);
