/** Pictures come with a script of their own, loaded when the first one is wanted. */
import type { Picture } from "./contract.js";
import { h } from "./dom.js";
import type * as Drawing from "./pictures/draw.js";
import * as words from "./texts.de.json";
import type { Desk } from "./transport.js";

const SCRIPT = "widget/partnerstadt-map.js";

export class Gallery {
  readonly #root: ShadowRoot;
  readonly #base: string;
  readonly #desk: Desk;

  constructor(
    root: ShadowRoot,
    base: string,
    desk: Desk,
  ) {
    this.#root = root;
    this.#base = base;
    this.#desk = desk;
  }

  /** A place for a picture, which fills itself. */
  hang(picture: Picture): HTMLElement {
    const place = h("div", { class: "picture" }, h("p", {}, words.pictureLoading));
    void this.#fill(place, picture);
    return place;
  }

  async #fill(place: HTMLElement, picture: Picture): Promise<void> {
    try {
      const [drawing, data] = await Promise.all([
        import(`${this.#base}${SCRIPT}`) as Promise<typeof Drawing>,
        this.#desk.pictures(),
      ]);
      const sheets = this.#root.adoptedStyleSheets;
      if (!sheets.includes(drawing.sheet)) this.#root.adoptedStyleSheets = [...sheets, drawing.sheet];
      place.replaceChildren(drawing.draw(picture, data));
    } catch {
      const retry = h("button", { class: "plain", click: () => void this.#fill(place, picture) }, words.retry);
      place.replaceChildren(h("p", {}, words.pictureFailed), retry);
    }
  }
}
