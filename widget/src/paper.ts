/** The conversation to take along: on paper or as a text file. */
import type { Message } from "./contract.js";
import { h } from "./dom.js";
import { markdown, plain } from "./markdown.js";
import style from "./styles/paper.css";
import * as words from "./texts.de.json";
import { TIME } from "./time.js";

const heading = (message: Message): string => `${words.speaker[message.from]}, ${TIME.format(new Date(message.time))}`;

/** The conversation as plain text. */
export function asText(title: string, messages: Message[]): string {
  const day = new Date(messages[0]?.time ?? Date.now()).toLocaleDateString("de", { dateStyle: "long" });
  const parts = messages.map((message) =>
    [`${heading(message)}: ${plain(message.text)}`, message.source].filter(Boolean).join("\n"),
  );
  return [`${title}, ${day}`, words.notice, ...parts].join("\n\n") + "\n";
}

/** Offer the conversation as a file, made in the browser. */
export function save(title: string, messages: Message[]): void {
  const url = URL.createObjectURL(new Blob([asText(title, messages)], { type: "text/plain;charset=utf-8" }));
  h("a", { href: url, download: words.file }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/** Print the conversation alone: in a frame of its own, not with the page around the chat. */
export function print(title: string, messages: Message[], root: Node): void {
  const frame = h("iframe", { class: "paper-frame", title, "aria-hidden": "true", tabindex: "-1" });
  root.appendChild(frame);
  const page = frame.contentWindow as (Window & typeof globalThis) | null;
  if (!page) return;
  const sheet = new page.CSSStyleSheet();
  sheet.replaceSync(style);
  page.document.adoptedStyleSheets = [sheet];
  page.document.documentElement.lang = "de";
  page.document.title = title;
  page.document.body.append(
    h("h1", {}, title),
    h("p", {}, words.notice),
    ...messages.flatMap((message) => [
      h("h2", {}, heading(message)),
      ...(message.from === "citizen" ? [h("p", {}, message.text)] : markdown(message.text)),
      ...(message.source ? [h("p", { class: "source" }, message.source)] : []),
    ]),
  );
  page.addEventListener("afterprint", () => setTimeout(() => frame.remove()));
  page.print();
}
