/** The few marks that answers use: paragraphs, lists, bold and links. Everything else stays the text that it is. */
import { h, icon, spoken } from "./dom.js";
import * as words from "./texts.de.json";

const MARK = /\*\*(.+?)\*\*|(?<!!)\[([^\[\]]+)\]\(([^()\s]+(?:\([^()\s]*\))?[^()\s]*)\)/;
const BULLET = /^\s*[-*] +/;
const AWAY = "M14 4h6v6M20 4l-9 9M18 14v6H4V6h6";

/** The nodes for a text. */
export function markdown(text: string): Node[] {
  return text
    .split(/\n\s*\n/)
    .filter((block) => block.trim())
    .flatMap(blockOf);
}

/** The same text without its marks, for ears, clipboards and files. */
export const plain = (text: string): string =>
  text.replace(/\*\*(.+?)\*\*/g, "$1").replace(/\[([^\[\]]+)\]\(([^()\s]+)\)/g, "$1 ($2)");

function blockOf(block: string): Node[] {
  const nodes: Node[] = [];
  let open: HTMLElement | undefined;
  for (const line of block.split("\n")) {
    const tag = BULLET.test(line) ? "ul" : "p";
    if (!open || open.localName !== tag) {
      open = h(tag, { dir: "auto" });
      nodes.push(open);
    } else if (tag === "p") open.append(h("br"));
    const inner = inline(line.replace(tag === "ul" ? BULLET : "", ""));
    open.append(...(tag === "ul" ? [h("li", {}, ...inner)] : inner));
  }
  return nodes;
}

function inline(text: string): Node[] {
  const found = MARK.exec(text);
  if (!found) return text ? [document.createTextNode(text)] : [];
  const [whole, bold, title = "", address = ""] = found;
  const node = bold ? h("strong", {}, ...inline(bold)) : link(title, address);
  return [
    text.slice(0, found.index) && document.createTextNode(text.slice(0, found.index)),
    node ?? document.createTextNode(whole),
    ...inline(text.slice(found.index + whole.length)),
  ].filter((part) => part !== "");
}

/** A link to an address that is safe to follow, or nothing. */
export function link(title: string, address: string): HTMLAnchorElement | null {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    return null;
  }
  if (!/^(https?|mailto|tel):$/.test(url.protocol) || url.username) return null;
  const away = url.protocol.startsWith("http");
  return h(
    "a",
    { href: url.href, ...(away && { target: "_blank", rel: "noopener noreferrer" }) },
    title,
    away && icon(AWAY),
    away && spoken(` ${words.newWindow}`),
  );
}
