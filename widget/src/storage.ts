/** What survives a reload: nothing before the first message, and nothing after the tab is closed. */
import type { Outgoing } from "./contract.js";

export interface Kept {
  token: string;
  open: boolean;
  outbox: Outgoing[];
}

export class Storage {
  readonly #area: globalThis.Storage | null;
  readonly #key: string;

  constructor(
    area: globalThis.Storage | null,
    key: string,
  ) {
    this.#area = area;
    this.#key = key;
  }

  read(): Kept | null {
    try {
      const kept = JSON.parse(this.#area?.getItem(this.#key) ?? "null") as Kept | null;
      return kept && typeof kept.token === "string" ? kept : null;
    } catch {
      return null;
    }
  }

  /** Change what is kept; without a conversation there is nothing to change. */
  write(change: Partial<Kept>): void {
    const kept = { token: "", open: true, outbox: [], ...this.read(), ...change };
    if (kept.token) this.#attempt((area) => area.setItem(this.#key, JSON.stringify(kept)));
  }

  clear(): void {
    this.#attempt((area) => area.removeItem(this.#key));
  }

  // A full or forbidden storage costs the memory of this tab, not the conversation.
  #attempt(act: (area: globalThis.Storage) => void): void {
    try {
      if (this.#area) act(this.#area);
    } catch {
      /* see above */
    }
  }
}

/** The storage of this tab, where the browser allows it. */
export function tabStorage(): globalThis.Storage | null {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}
