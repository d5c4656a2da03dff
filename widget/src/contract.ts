/** What the front desk says and hears, as in its OpenAPI description. */

export interface Reply {
  id: string;
  title: string;
}

export type Picture = "map" | "timeline";
export type Speaker = "citizen" | "bot" | "staff" | "system";

export interface Message {
  id: number;
  type: "message";
  from: Speaker;
  text: string;
  source: string | null;
  buttons: Reply[];
  picture: Picture | null;
  answers: number | null;
  time: string;
  client_id?: string | null;
  /** Who answers a citizen. */
  to?: "bot" | "staff";
}

export interface Typing {
  type: "typing";
  id?: number;
  from: "bot" | "staff";
  on: boolean;
}

export interface Status {
  type: "status";
  id?: number;
  state: string;
  text: string;
  answers: number | null;
}

export interface Deleted {
  type: "deleted";
  id?: number;
}

export type DeskEvent = Message | Typing | Status | Deleted;

export interface Link {
  title: string;
  url: string | null;
}

export interface Info {
  title: string;
  greeting: string[];
  notice: string;
  limits: { characters: number };
  suggestions: string[];
  links: Record<string, Link | null>;
  announcement: { text: string } | null;
}

export interface History {
  events: DeskEvent[];
  last: number;
  plain_language: boolean;
}

/** A message on its way: the id makes a second try harmless. */
export interface Outgoing {
  id: string;
  text: string;
  button?: string;
}

export interface City {
  id: string;
  name: string;
  country: string;
  since: number | null;
  kind: string;
  status: string | null;
  lat: number | null;
  lon: number | null;
}

export interface Pictures {
  home: { name: string; lat: number | null; lon: number | null };
  cities: City[];
  sources?: Record<string, { title: string }>;
  taken_over_on?: string | null;
}
