/** The chat itself: a conversation, and the panel in which it is seen. */
import { Composer } from "./composer.js";
import { confirm } from "./confirm.js";
import type { Info, Message, Outgoing, Picture, Speaker } from "./contract.js";
import { Conversation, type Listener } from "./conversation.js";
import { h } from "./dom.js";
import { tools } from "./feedback.js";
import { Live } from "./live.js";
import { plain } from "./markdown.js";
import { menu } from "./menu.js";
import type * as Paper from "./paper.js";
import { gallery, type Hang } from "./picture.js";
import type { Storage } from "./storage.js";
import * as words from "./texts.de.json";
import { fill } from "./texts.js";
import { Transcript } from "./transcript.js";
import type { Desk } from "./transport.js";
import { beginnings, foot, greeting } from "./welcome.js";

export interface Surroundings {
  root: ShadowRoot;
  base: string;
  /** Buttons of the panel. */
  buttons: Node[];
  /** Make the panel wide or narrow again; says whether it is wide. */
  widen: (() => boolean) | null;
  /** How many messages came since the panel was seen. */
  news(count: number): void;
  seen(): boolean;
}

export class Chat implements Listener {
  readonly live = new Live();
  readonly element: HTMLElement;
  readonly #conversation: Conversation;
  readonly #composer = new Composer((text) => this.#conversation.say(text), this.live);
  readonly #transcript: Transcript;
  readonly #picture: Hang;
  readonly #heading = h("h2", { id: "title" }, words.title);
  readonly #intro = h("div", { class: "intro" }, ...greeting(null));
  readonly #begin = h("div", { class: "begins" });
  readonly #alert = h("div", { class: "alert", hidden: true });
  readonly #foot = h("div", { class: "foot" }, ...foot(null));
  #simple = false;
  #wide = false;
  #unseen = 0;
  #informed: Promise<void> | null = null;

  readonly #desk: Desk;
  readonly #storage: Storage;
  readonly #around: Surroundings;

  constructor(
    desk: Desk,
    storage: Storage,
    around: Surroundings,
  ) {
    this.#desk = desk;
    this.#storage = storage;
    this.#around = around;

    this.#picture = gallery(around.root, around.base, desk);
    this.#transcript = new Transcript(
      {
        press: (id, title) => this.#press(id, title),
        edit: (text) => this.#composer.edit(text),
        tools: (message) => tools(message, desk.feedback, this.live),
        picture: (message) => message.picture && this.#picture(message.picture),
      },
      this.#intro,
      this.#begin,
    );
    this.#conversation = new Conversation(desk, storage, this);
    const begun = (): boolean => this.#conversation.begun;
    const spoken = (): boolean => this.#transcript.messages.length > 0;
    const choices = menu(words.menu, [
      { label: words.plain, act: () => this.#press(this.#simple ? "plain_off" : "plain_on", words.plain), on: () => this.#simple },
      { label: words.mapTitle, act: () => this.#hang("map") },
      { label: words.timelineTitle, act: () => this.#hang("timeline") },
      { label: words.print, act: () => void this.#take("print"), ready: spoken },
      { label: words.save, act: () => void this.#take("save"), ready: spoken },
      ...(around.widen ? [{ label: words.widen, act: () => void (this.#wide = around.widen!()), on: () => this.#wide, wide: true }] : []),
      { label: words.delete, act: () => void this.#forget(), ready: begun },
    ]);
    this.element = h(
      "div",
      { class: "chat" },
      h(
        "header",
        {},
        h("div", { class: "titles" }, this.#heading, h("p", {}, words.kind)),
        h("div", { class: "bars" }, choices, ...around.buttons),
      ),
      this.#transcript.element,
      this.#alert,
      this.#composer.element,
      this.#foot,
      this.live.element,
    );
  }

  get #title(): string {
    return this.#heading.textContent ?? words.title;
  }

  /** Fetch what is needed once the chat is looked at. */
  show(): void {
    this.#unseen = 0;
    this.#around.news(0);
    this.#informed ??= this.#inform();
  }

  restore = (): Promise<void> => this.#conversation.restore();
  wake = (): void => this.#conversation.wake();
  look = (): void => this.#conversation.look();
  stop = (): void => this.#conversation.stop();
  focus = (): void => this.#composer.field.focus();

  // --- what the conversation tells ---

  pending(outgoing: Outgoing): void {
    this.#begin.hidden = true;
    this.#transcript.pending(outgoing);
    this.#storage.write({ open: true });
  }

  message(message: Message, fresh: boolean): void {
    this.#begin.hidden = true;
    this.#transcript.add(message);
    if (!fresh || message.from === "citizen") return;
    const replies = message.buttons.map(({ title }) => title).join(", ");
    this.live.say(
      [
        `${words.speaker[message.from]}: ${plain(message.text)}`,
        message.source,
        replies && fill(words.repliesSpoken, { titles: replies }),
      ]
        .filter(Boolean)
        .join(" "),
    );
    if (!this.#around.seen()) this.#around.news(++this.#unseen);
  }

  refused(outgoing: Outgoing, reason: string): void {
    this.#transcript.refused(outgoing, reason || words.broken);
    this.live.say(fill(words.refused, { reason: reason || words.broken }));
  }

  waiting(from: Speaker | null): void {
    this.#transcript.waiting(from);
  }

  delayed(text: string | null): void {
    this.#transcript.delayed(text);
    if (text !== null) this.live.say(text || words.delayed);
  }

  trouble(text: string | null): void {
    this.#transcript.mark(text === null ? words.sending : words.notSent);
    if (text !== null) return this.#warn(text || words.offline, this.wake);
    if (!this.#alert.hidden) this.live.say(words.online);
    this.#alert.hidden = true;
  }

  plain(on: boolean): void {
    this.#simple = on;
  }

  restored(count: number): void {
    this.live.say(fill(words.restored, { count }));
  }

  ended(why: "expired" | "deleted"): void {
    const text = why === "expired" ? words.expired : words.deletedElsewhere;
    this.#clear();
    this.#transcript.insert(h("p", { class: "text" }, text));
    this.live.say(text);
  }

  // --- what the person does ---

  #press(id: string, title: string): void {
    this.#conversation.press(id, title);
    this.#keepFocus();
  }

  // The button just pressed may be gone; a field would open the keyboard of a phone over the answer.
  #keepFocus(): void {
    if (matchMedia("(pointer: coarse)").matches) this.#transcript.element.focus({ preventScroll: true });
    else this.focus();
  }

  #hang(picture: Picture): void {
    this.#transcript.reveal(this.#transcript.insert(this.#picture(picture)));
    this.#transcript.element.focus({ preventScroll: true });
  }

  // Seldom wanted, so it comes with a script of its own.
  async #take(how: "print" | "save"): Promise<void> {
    try {
      const paper = (await import(`${this.#around.base}widget/partnerstadt-paper.js`)) as typeof Paper;
      paper[how](this.#title, this.#transcript.messages, this.#around.root);
    } catch {
      this.#warn(words.broken, () => void this.#take(how));
    }
  }

  async #forget(): Promise<void> {
    const sure = await confirm(this.element, words.deleteTitle, words.deleteText, words.delete, words.deleteNo);
    if (!sure) return;
    try {
      await this.#conversation.forget();
    } catch {
      this.#warn(words.deleteFailed, () => void this.#forget());
      return;
    }
    this.#clear();
    this.live.say(words.deleted);
    this.focus();
  }

  #clear(): void {
    this.#transcript.clear();
    this.#alert.hidden = true;
    this.#begin.hidden = false;
    this.#simple = false;
  }

  #warn(text: string, retry: () => void): void {
    if (this.#alert.hidden || this.#alert.firstChild?.textContent !== text) this.live.say(text);
    this.#alert.hidden = false;
    this.#alert.replaceChildren(h("p", {}, text), h("button", { class: "plain", click: retry }, words.retry));
  }

  async #inform(): Promise<void> {
    try {
      const info = await this.#desk.info();
      this.#know(info);
      if (!this.#conversation.begun) this.#alert.hidden = true;
    } catch {
      this.#informed = null;
      this.#warn(words.offline, () => {
        this.#conversation.wake();
        this.show();
      });
    }
  }

  #know(info: Info): void {
    this.#heading.textContent = info.title || words.title;
    this.#composer.limit = info.limits.characters;
    this.#intro.replaceChildren(...greeting(info));
    this.#begin.replaceChildren(...beginnings(info, { say: (text) => (this.#conversation.say(text), this.#keepFocus()), look: (picture) => this.#hang(picture) }));
    this.#foot.replaceChildren(...foot(info));
  }
}
