/** One conversation: sends what was sent, in order and once; hears what comes; knows nothing of the page. */
import type { DeskEvent, Message, Outgoing, Speaker } from "./contract.js";
import type { Storage } from "./storage.js";
import { type Desk, Refusal, pause } from "./transport.js";

const LONGEST_PAUSE = 20_000;
// The front desk itself says so after eight seconds; this is for when even that does not come through.
const LONG_WAIT = 10_000;
// However fast a server answers, it is not asked without end.
const BREATH = 500;
const FOREVER = 2 ** 31 - 1;

/** What a conversation tells the page. */
export interface Listener {
  pending(outgoing: Outgoing): void;
  message(message: Message, fresh: boolean): void;
  refused(outgoing: Outgoing, reason: string): void;
  waiting(from: Speaker | null): void;
  delayed(text: string | null): void;
  /** The way to the front desk is not open, or is again (null); the text says why if the desk did. */
  trouble(text: string | null): void;
  plain(on: boolean): void;
  restored(count: number): void;
  ended(why: "expired" | "deleted"): void;
}

export class Conversation {
  #outbox: Outgoing[] = [];
  #last = 0;
  #ids = new Set<number>();
  #open = new Set<number>();
  #answered = new Set<number>();
  #lost = false;
  #leaving = false;
  #delivering = false;
  #end = new AbortController();
  #round = new AbortController();
  #waker = new AbortController();
  #patience: ReturnType<typeof setTimeout> | undefined;

  readonly #desk: Desk;
  readonly #storage: Storage;
  readonly #tell: Listener;

  constructor(
    desk: Desk,
    storage: Storage,
    tell: Listener,
  ) {
    this.#desk = desk;
    this.#storage = storage;
    this.#tell = tell;
  }

  /** Whether there is anything to print, save or delete. */
  get begun(): boolean {
    return this.#desk.token !== null || this.#outbox.length > 0;
  }

  /** Go on with the conversation of this tab, if there is one. */
  async restore(): Promise<void> {
    const kept = this.#storage.read();
    if (!kept) return;
    this.#desk.token = kept.token;
    const life = this.#end.signal;
    for (let tries = 0; !life.aborted; tries++) {
      try {
        const { events, last, plain_language } = await this.#desk.history();
        if (life.aborted) return;
        for (const event of events) this.#take(event, false);
        this.#last = last;
        this.#tell.plain(plain_language);
        if (events.length) this.#tell.restored(events.length);
        break;
      } catch (error) {
        if (this.#isOver(error)) return;
        await this.#again(tries, error);
      }
    }
    if (life.aborted) return;
    this.#recovered();
    for (const outgoing of kept.outbox) this.#queue(outgoing);
    void this.#listen();
  }

  say(text: string): void {
    this.#queue({ id: uuid(), text });
  }

  press(button: string, title: string): void {
    this.#queue({ id: uuid(), text: title, button });
  }

  /** The page was hidden or shown. A hidden page sees nothing, and browsers allow few connections at a time. */
  look = (): void => {
    if (document.hidden) this.#round.abort();
    else this.wake();
  };

  /** Try again now whatever waits. */
  wake = (): void => {
    this.#waker.abort();
    this.#waker = new AbortController();
  };

  /** Delete everything, at the front desk and here. */
  async forget(): Promise<void> {
    this.#leaving = true;
    try {
      if (this.#desk.token) await this.#desk.forget();
    } catch (error) {
      if (!(error instanceof Refusal && error.status === 401)) throw error;
    } finally {
      this.#leaving = false;
    }
    this.#reset();
  }

  /** Stop without deleting: the page goes away. */
  stop(): void {
    this.#end.abort();
    this.#round.abort();
    this.wake();
    clearTimeout(this.#patience);
  }

  #reset(): void {
    this.stop();
    this.#storage.clear();
    this.#desk.token = null;
    this.#outbox = [];
    this.#last = 0;
    this.#ids.clear();
    this.#open.clear();
    this.#answered.clear();
    this.#delivering = false;
    this.#end = new AbortController();
  }

  #queue(outgoing: Outgoing): void {
    this.#outbox.push(outgoing);
    this.#storage.write({ outbox: this.#outbox });
    this.#tell.pending(outgoing);
    void this.#deliver();
  }

  async #deliver(): Promise<void> {
    if (this.#delivering) return;
    this.#delivering = true;
    const life = this.#end.signal;
    for (let tries = 0; this.#outbox[0] && !life.aborted; ) {
      const outgoing = this.#outbox[0];
      const known = this.#desk.token !== null;
      try {
        await this.#begin(life);
        const message = await this.#desk.send(outgoing);
        if (life.aborted) return;
        this.#recovered();
        this.#accepted(outgoing, message);
        tries = 0;
      } catch (error) {
        if (life.aborted) return;
        if (error instanceof Refusal && error.status === 401 && known) this.#renew();
        else if (error instanceof Refusal && !error.passes) {
          this.#shift();
          this.#tell.refused(outgoing, error.message);
        } else await this.#again(tries++, error);
      }
    }
    if (!life.aborted) this.#delivering = false;
  }

  async #begin(life: AbortSignal): Promise<void> {
    if (this.#desk.token) return;
    const token = await this.#desk.session();
    if (life.aborted) return;
    this.#desk.token = token;
    this.#storage.write({ token, outbox: this.#outbox });
    void this.#listen();
  }

  #accepted(outgoing: Outgoing, message: Message): void {
    this.#shift();
    if (message.to !== "staff" && !this.#answered.has(message.id)) this.#open.add(message.id);
    this.#hear({ ...message, client_id: outgoing.id }, true);
    if (outgoing.button?.startsWith("plain_")) this.#tell.plain(outgoing.button === "plain_on");
    if (this.#open.size) this.#wait("bot");
  }

  #shift(): void {
    this.#outbox.shift();
    this.#storage.write({ outbox: this.#outbox });
  }

  // The desk no longer knows the conversation: what was not delivered begins a new one.
  #renew(): void {
    const kept = this.#outbox;
    this.#reset();
    this.#tell.ended("expired");
    for (const outgoing of kept) this.#queue(outgoing);
  }

  #isOver(error: unknown): boolean {
    if (!(error instanceof Refusal && error.status === 401)) return false;
    this.#renew();
    return true;
  }

  async #again(tries: number, error: unknown): Promise<void> {
    if (tries > 0 || this.#outbox.length) {
      this.#lost = true;
      this.#tell.trouble(error instanceof Refusal && error.status === 429 ? error.message : "");
    }
    const wanted = error instanceof Refusal ? error.retryAfter * 1000 : 0;
    const grown = Math.min(LONGEST_PAUSE, 1000 * 2 ** tries) * (0.75 + Math.random() / 2);
    await pause(wanted || grown, this.#waker.signal);
  }

  #recovered(): void {
    if (!this.#lost) return;
    this.#lost = false;
    this.#tell.trouble(null);
    this.wake();
  }

  async #listen(): Promise<void> {
    const life = this.#end.signal;
    for (let tries = 0; !life.aborted; ) {
      if (document.hidden) {
        await pause(FOREVER, this.#waker.signal);
        continue;
      }
      this.#round = new AbortController();
      try {
        await this.#desk.events(
          this.#last,
          (event) => {
            if (!life.aborted) this.#take(event, true);
            this.#recovered();
            tries = 0;
          },
          this.#round.signal,
        );
        this.#recovered();
        tries = 0;
        await pause(BREATH, this.#waker.signal);
      } catch (error) {
        if (life.aborted || this.#isOver(error)) return;
        if (!this.#round.signal.aborted) await this.#again(tries++, error);
      }
    }
  }

  #take(event: DeskEvent, fresh: boolean): void {
    this.#last = Math.max(this.#last, event.id ?? 0);
    if (event.type === "message") this.#hear(event, fresh);
    else if (event.type === "typing") this.#wait(event.on ? event.from : null);
    else if (event.type === "status") {
      this.#wait(null);
      this.#tell.delayed(event.text);
    } else if (event.type === "deleted" && !this.#leaving) {
      this.#reset();
      this.#tell.ended("deleted");
    }
  }

  #hear(message: Message, fresh: boolean): void {
    if (this.#ids.has(message.id)) return;
    this.#ids.add(message.id);
    if (message.from !== "citizen") {
      if (message.answers !== null) {
        this.#answered.add(message.answers);
        this.#open.delete(message.answers);
      } else this.#open.clear(); // a person has taken over, or has gone
      if (!this.#open.size) this.#wait(null);
      this.#tell.delayed(null);
    }
    this.#tell.message(message, fresh);
  }

  #wait(from: Speaker | null): void {
    clearTimeout(this.#patience);
    this.#tell.waiting(from);
    if (from) {
      this.#patience = setTimeout(() => {
        this.#tell.waiting(null);
        this.#tell.delayed("");
      }, LONG_WAIT);
    }
  }
}

/** Version 4; crypto.randomUUID exists on safe origins only, and town halls still have others. */
const uuid = (): string =>
  "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) =>
    (+digit ^ (crypto.getRandomValues(new Uint8Array(1))[0]! & (15 >> (+digit / 4)))).toString(16),
  );
