/** What survives a reload: nothing before the first message, and nothing after the tab is closed. */
import type { Outgoing } from "./contract.js";

export interface Kept {
  token: string;
  open: boolean;
  outbox: Outgoing[];
}

// A full or forbidden storage costs the memory of this tab, not the conversation.
function attempt<T>(act: () => T): T | null {
  try {
    return act();
  } catch {
    return null;
  }
}

export class Storage {
  readonly #key: string;

  constructor(key: string) {
    this.#key = key;
  }

  read = (): Kept | null => attempt(() => JSON.parse(sessionStorage.getItem(this.#key)!) as Kept | null);

  /** Change what is kept; without a conversation there is nothing to change. */
  write(change: Partial<Kept>): void {
    const kept = { open: true, outbox: [], ...this.read(), ...change };
    if (kept.token) attempt(() => sessionStorage.setItem(this.#key, JSON.stringify(kept)));
  }

  clear = (): void | null => attempt(() => sessionStorage.removeItem(this.#key));
}
