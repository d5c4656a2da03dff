/** Server-sent events out of a stream of text that may break anywhere. */

export interface Sent {
  event: string;
  data: string;
}

/** Collects pieces of text and gives the events that are complete. */
export class Reader {
  #rest = "";

  push(piece: string): Sent[] {
    const text = this.#rest + piece;
    const whole = text.endsWith("\r") ? text.length - 1 : text.length; // the other half of a line end may follow
    const blocks = text.slice(0, whole).replace(/\r\n?/g, "\n").split("\n\n");
    this.#rest = (blocks.pop() ?? "") + text.slice(whole);
    return blocks.map(event).filter((sent) => sent.data !== "");
  }
}

function event(block: string): Sent {
  const sent = { event: "message", data: "" };
  for (const line of block.split("\n")) {
    const [, name, value = ""] = /^(event|data): ?(.*)$/.exec(line) ?? [];
    if (name === "event") sent.event = value;
    if (name === "data") sent.data += (sent.data && "\n") + value;
  }
  return sent;
}
