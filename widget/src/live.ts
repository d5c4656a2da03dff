/** Tells screen readers what happened. It stands outside the transcript and is emptied after use. */
import { h } from "./dom.js";

const KEPT = 8000;

export class Live {
  readonly element = h("div", { class: "spoken", role: "status", "aria-live": "polite" });

  say(text: string): void {
    const line = h("p", {}, text);
    this.element.append(line);
    setTimeout(() => line.remove(), KEPT);
  }
}
