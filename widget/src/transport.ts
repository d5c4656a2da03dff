/** The way to the front desk: plain requests, and events by a stream that falls back to asking. */
import type { DeskEvent, History, Info, Message, Outgoing, Pictures } from "./contract.js";
import { Reader } from "./sse.js";

const PATIENCE = 15_000;
const SILENCE = 45_000;
// A server in between that holds a stream back would hold the answer back as well.
const FIRST_BYTE = 5_000;
const POLL_WAIT = 20;
const STREAM = "text/event-stream";
const LATE = "late";

/** The front desk answered, but not with what was asked for. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    text: string,
    readonly retryAfter: number,
  ) {
    super(text);
  }

  /** Whether the same request can succeed later. */
  get passes(): boolean {
    return this.status >= 500 || this.status === 429 || this.status === 408;
  }
}

/** Milliseconds, or until woken. */
export const pause = (milliseconds: number, waker: AbortSignal): Promise<unknown> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
    waker.addEventListener("abort", resolve);
  });

export class Desk {
  token: string | null = null;
  #streams = true;

  readonly #base: string;

  constructor(base: string) {
    this.#base = base;
  }

  info = (): Promise<Info> => this.#json("info");
  pictures = (): Promise<Pictures> => this.#json("pictures.json");
  history = (): Promise<History> => this.#json("history");
  forget = (): Promise<void> => this.#json("session", { method: "DELETE" });

  async session(): Promise<string> {
    return (await this.#json<{ token: string }>("session", post({}))).token;
  }

  async send({ id, text, button }: Outgoing): Promise<Message> {
    return (await this.#json<{ message: Message }>("message", post(button ? { id, button } : { id, text }))).message;
  }

  feedback = (message: number, value: "up" | "down" | null, comment?: string): Promise<void> =>
    this.#json("feedback", post({ message, value, ...(comment && { comment }) }));

  /** Hand over the events after one, until the stream ends or something fails. */
  async events(after: number, take: (event: DeskEvent) => void, end: AbortSignal): Promise<void> {
    if (this.#streams) await this.#stream(after, take, end);
    else for (const event of (await this.#poll(after, end)).events) take(event);
  }

  #poll(after: number, end: AbortSignal): Promise<{ events: DeskEvent[] }> {
    return this.#json(`events?after=${after}&wait=${POLL_WAIT}`, {}, end, (POLL_WAIT + 10) * 1000);
  }

  async #stream(after: number, take: (event: DeskEvent) => void, end: AbortSignal): Promise<void> {
    const { signal, renew, done } = patience(FIRST_BYTE, end);
    let begun = false;
    try {
      const answer = await this.#fetch(`events?after=${after}`, { headers: { Accept: STREAM } }, signal);
      if (!answer.body || !answer.headers.get("Content-Type")?.startsWith(STREAM)) {
        this.#streams = false;
        return;
      }
      const bytes = answer.body.getReader();
      const text = new TextDecoder();
      const reader = new Reader();
      for (;;) {
        const piece = await bytes.read();
        if (piece.done) return;
        begun = true;
        renew(SILENCE);
        for (const sent of reader.push(text.decode(piece.value, { stream: true }))) {
          take({ type: sent.event, ...(JSON.parse(sent.data) as object) } as DeskEvent);
        }
      }
    } catch (error) {
      if (!begun && error === LATE) this.#streams = false;
      throw error;
    } finally {
      done();
    }
  }

  async #json<T>(path: string, options: RequestInit = {}, end?: AbortSignal, milliseconds = PATIENCE): Promise<T> {
    const { signal, done } = patience(milliseconds, end);
    try {
      const answer = await this.#fetch(path, options, signal);
      return (answer.status === 204 ? undefined : await answer.json()) as T;
    } finally {
      done();
    }
  }

  async #fetch(path: string, options: RequestInit, signal: AbortSignal): Promise<Response> {
    const answer = await fetch(`${this.#base}api/${path}`, {
      ...options,
      signal,
      credentials: "omit",
      cache: "no-store",
      headers: {
        Accept: "application/json",
        ...(this.token && { Authorization: `Bearer ${this.token}` }),
        ...options.headers,
      },
    });
    if (answer.ok) return answer;
    const { error = {} } = (await answer.json().catch(() => ({}))) as { error?: Record<string, unknown> };
    throw new Refusal(answer.status, String(error.text ?? ""), Number(error.retry_after) || 0);
  }
}

const post = (body: object): RequestInit => ({
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(body),
});

/** Ends a request after a time, or when something else ends it. */
function patience(milliseconds: number, end?: AbortSignal): { signal: AbortSignal; renew(milliseconds: number): void; done(): void } {
  const controller = new AbortController();
  const late = (): void => controller.abort(LATE);
  let timer = setTimeout(late, milliseconds);
  end?.addEventListener("abort", () => controller.abort());
  return {
    signal: controller.signal,
    renew: (more) => {
      clearTimeout(timer);
      timer = setTimeout(late, more);
    },
    done: () => clearTimeout(timer),
  };
}
