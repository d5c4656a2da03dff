/** The field for a question. What stands in it leaves it by "send" alone. */
import { h } from "./dom.js";
import type { Live } from "./live.js";
import * as words from "./texts.de.json";
import { fill } from "./texts.js";

// The counter appears when it begins to matter, and speaks at these steps only.
const NEAR = 0.8;
const STEPS = [100, 50, 20, 10, 0];

export class Composer {
  limit = 1000;
  readonly field = h("textarea", {
    id: "field",
    rows: "2",
    enterkeyhint: "send",
    autocomplete: "off",
    "aria-describedby": "keys counter",
    input: () => this.#count(),
    keydown: (event: KeyboardEvent) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#submit();
    },
  });
  readonly #counter = h("p", { id: "counter", class: "counter" });
  readonly element = h(
    "form",
    {
      class: "composer",
      novalidate: true,
      submit: (event: Event) => {
        event.preventDefault();
        this.#submit();
      },
    },
    h("label", { for: "field" }, words.field),
    h("div", { class: "row" }, this.field, h("button", { class: "primary" }, words.send)),
    this.#counter,
    h("span", { id: "keys", hidden: true }, words.keys),
  );

  readonly #say: (text: string) => void;
  readonly #live: Live;

  constructor(say: (text: string) => void, live: Live) {
    this.#say = say;
    this.#live = live;
  }

  /** Put a text back that could not be sent. */
  edit(text: string): void {
    this.field.value = text;
    this.#count();
    this.field.focus();
  }

  #submit(): void {
    const text = this.field.value.trim();
    const over = length(text) - this.limit;
    if (!text || over > 0) {
      this.#show(text ? fill(words.tooLong, { count: over }) : words.empty, true);
      this.#live.say(this.#counter.textContent ?? "");
      this.field.focus();
      return;
    }
    this.field.value = "";
    this.#count();
    this.#say(text);
  }

  #count(): void {
    const left = this.limit - length(this.field.value);
    if (left < 0) this.#show(fill(words.tooLong, { count: -left }), true);
    else this.#show(left <= this.limit * (1 - NEAR) ? fill(words.left, { count: left }) : "", false);
    if (STEPS.includes(left) || left === -1) this.#live.say(this.#counter.textContent ?? "");
  }

  #show(text: string, wrong: boolean): void {
    this.#counter.textContent = text;
    this.#counter.classList.toggle("wrong", wrong);
    this.field.setAttribute("aria-invalid", String(wrong));
  }
}

/** Characters as people and the front desk count them. */
const length = (text: string): number => [...text].length;

