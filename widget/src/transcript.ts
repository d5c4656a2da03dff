/** What was said, one list item a message. */
import type { Message, Outgoing, Speaker } from "./contract.js";
import { h } from "./dom.js";
import { markdown } from "./markdown.js";
import { replies } from "./replies.js";
import { TIME } from "./time.js";
import * as words from "./texts.de.json";
import { fill } from "./texts.js";

const EDGE = 12;

/** What a transcript asks others for. */
export interface Help {
  press(id: string, title: string): void;
  edit(text: string): void;
  tools(message: Message): HTMLElement;
  picture(message: Message): HTMLElement | null;
}

export class Transcript {
  readonly messages: Message[] = [];
  readonly #list = h("ol", { role: "list" });
  readonly #sent = new Map<string, { item: HTMLElement; state: HTMLElement }>();
  readonly #typing = h("li", { class: "message bot typing", hidden: true });
  readonly #note = h("li", { class: "message system", hidden: true });
  readonly element: HTMLElement;

  readonly #help: Help;

  constructor(
    help: Help,
    ...first: Node[]
  ) {
    this.#help = help;

    this.#list.append(this.#typing, this.#note);
    // A log speaks by itself; here the live region does, so that an answer is said once and without its buttons.
    this.element = h(
      "div",
      { class: "log", role: "log", "aria-live": "off", "aria-label": words.log, tabindex: "0", grown: (event: Event) => this.#grown(event.target as Element) },
      ...first,
      this.#list,
    );
  }

  /** A message that was sent but not yet taken. */
  pending(outgoing: Outgoing): void {
    this.#answered();
    const state = h("p", { class: "state" }, words.sending);
    const item = h("li", { class: "message citizen" }, who("citizen", new Date()), said(outgoing.text), state);
    this.#sent.set(outgoing.id, { item, state });
    this.#append(item);
  }

  /** Say of everything on its way how it stands. */
  mark(text: string): void {
    for (const { state } of this.#sent.values()) state.textContent = text;
  }

  refused(outgoing: Outgoing, reason: string): void {
    const found = this.#sent.get(outgoing.id);
    this.#sent.delete(outgoing.id);
    found?.item.classList.add("refused");
    found?.state.replaceChildren(fill(words.refused, { reason }));
    if (outgoing.button) return;
    const edit = h("button", { class: "plain", click: () => this.#help.edit(outgoing.text) }, words.edit);
    found?.item.append(edit);
  }

  add(message: Message): void {
    this.messages.push(message);
    const own = message.client_id ? this.#sent.get(message.client_id) : undefined;
    if (own) this.#sent.delete(message.client_id!);
    const item = this.#item(message);
    if (own) own.item.replaceWith(item);
    else this.#append(item);
  }

  /** Something that is not a message: a picture, or a remark of the chat itself. */
  insert(...content: Node[]): HTMLElement {
    const item = h("li", { class: "message system" }, ...content);
    this.#append(item);
    return item;
  }

  waiting(from: Speaker | null): void {
    this.#typing.hidden = !from;
    this.#typing.replaceChildren(...(from ? [h("p", { class: "who" }, words.typing[from === "staff" ? from : "bot"])] : []));
    if (from) this.reveal(this.#typing);
  }

  delayed(text: string | null): void {
    this.#note.hidden = text === null;
    this.#note.replaceChildren(...(text === null ? [] : [h("p", { class: "text" }, text || words.delayed)]));
    if (text !== null) this.reveal(this.#note);
  }

  clear(): void {
    this.messages.length = 0;
    this.#sent.clear();
    this.#list.replaceChildren(this.#typing, this.#note);
    this.waiting(null);
    this.delayed(null);
  }

  /** Show all of an item, or as much from its beginning as fits; the page around the chat does not move. */
  reveal(item: Element): void {
    const [room, box] = [this.element.getBoundingClientRect(), item.getBoundingClientRect()];
    const most = box.top - room.top - EDGE;
    const least = box.bottom - room.bottom + EDGE;
    if (least > 0 || most < 0) this.element.scrollTop += Math.min(least, most);
  }

  // A picture was drawn or a form has opened: what is last is meant to be seen.
  #grown(part: Element): void {
    const item = part.closest("li.message");
    if (item && (item.nextElementSibling === this.#typing || part.contains(document.activeElement) || !part.closest("figure"))) {
      this.reveal(part.closest("figure") ?? part);
    }
  }

  #append(item: HTMLElement): void {
    this.#typing.before(item);
    this.reveal(item);
  }

  // Suggestions belong to the last answer; older ones would only be in the way.
  #answered(): void {
    for (const old of this.#list.querySelectorAll(".replies")) old.remove();
  }

  #item(message: Message): HTMLElement {
    const citizen = message.from === "citizen";
    if (citizen) this.#answered();
    const answer = message.from === "bot";
    return h(
      "li",
      { class: `message ${message.from}` },
      who(message.from, new Date(message.time)),
      citizen ? said(message.text) : h("div", { class: "text" }, ...markdown(message.text)),
      message.source && h("p", { class: "source" }, message.source),
      this.#help.picture(message),
      answer && this.#help.tools(message),
      message.buttons.length > 0 &&
        replies(
          words.replies,
          message.buttons.map(({ id, title }) => [title, () => this.#help.press(id, title)]),
        ),
    );
  }
}

const said = (text: string): HTMLElement => h("p", { class: "text", dir: "auto" }, text);

const who = (speaker: Speaker, time: Date): HTMLElement =>
  h(
    "p",
    { class: "who" },
    h("span", { class: "name" }, words.speaker[speaker]),
    h("time", { datetime: time.toISOString() }, TIME.format(time)),
  );
