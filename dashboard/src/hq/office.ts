/** What the headquarters asks of the server: who one is, which acts there are, doing one. */
import { dropDrafts } from "../draft.ts";
import type { Api, Feature, Language, Text, View } from "../part.ts";

export interface Input {
  name: string;
  label: Text;
  kind: "text" | "longtext" | "choice" | "number" | "time" | "area" | "place" | "key" | "flag";
  required: boolean;
  many: boolean;
  choices: { value: string; label: Text }[];
  collection: string;
  unit: string;
  hint: Text | null;
  value: unknown;
}

export interface Act {
  id: string;
  title: Text;
  text: Text;
  collection: string;
  new: boolean;
  role: string;
  grave: boolean;
  possible: boolean;
  why: Text | null;
  inputs: Input[];
}

/** Seeing everything in an emergency: for so long, or until then. */
export interface Glass {
  minutes: number;
  until: string | null;
}

export interface Me {
  name: string | null;
  organisation: string | null;
  roles: { id: string; title: Text }[];
  only: string | null;
  token: string | null;
  /** What break-glass access would give, or gives now; null where there is none. */
  glass: Glass | null;
  /** May ask how partner nodes are doing. */
  partners: boolean;
  sign_in: boolean;
  /** Where one signs in at the organisation's own provider; null where none is configured. */
  oidc: string | null;
  join: boolean;
  joinable_roles: { id: string; title: Text }[];
}

export type Values = Record<string, unknown>;

export class Office {
  me: Me | null = null;
  private forms = new Map<string, Act[]>();

  constructor(
    readonly api: Api,
    public view: View,
  ) {}

  get language(): Language {
    return this.view.language;
  }

  /** Whether something may be written now: signed in, in the present, and in one's own status. */
  get writes(): boolean {
    const me = this.me;
    return me !== null && me.name !== null && this.view.asOf === null && (me.only === null || me.only === this.view.status);
  }

  async who(): Promise<Me> {
    this.forms.clear();
    this.me = (await this.api.get("me")) as Me;
    return this.me;
  }

  async signIn(form: Record<string, string>): Promise<void> {
    await this.api.send("POST", `session?lang=${this.language}`, form, { "X-CSRF-Token": "sign-in" });
    await this.who();
    this.api.setKey("");
  }

  async signOut(): Promise<void> {
    await this.api.send("DELETE", `session?lang=${this.language}`, undefined, this.token());
    dropDrafts();
    this.api.setKey("");
    await this.who();
  }

  async breakGlass(reason: string): Promise<void> {
    await this.api.send("POST", `session/break-glass?lang=${this.language}`, { reason }, this.token());
  }

  async mendGlass(): Promise<void> {
    await this.api.send("DELETE", `session/break-glass?lang=${this.language}`, undefined, this.token());
  }

  /** The acts that begin something in a collection. */
  async begins(collection: string): Promise<Act[]> {
    let found = this.forms.get(collection);
    if (!found) {
      const all = (await this.api.get(`acts?collection=${encodeURIComponent(collection)}`)) as { acts: Act[] };
      found = all.acts;
      this.forms.set(collection, found);
    }
    return found.filter((act) => act.new);
  }

  /** All acts of the catalogue. */
  async every(): Promise<Act[]> {
    return ((await this.api.get("acts")) as { acts: Act[] }).acts;
  }

  /** What may be done to an item as it stands, and which statement that is. */
  async on(item: Feature, collection: string): Promise<{ acts: Act[]; record: string }> {
    const query = `collection=${encodeURIComponent(collection)}&key=${encodeURIComponent(item.id)}`;
    return (await this.api.get(`acts?${query}`)) as { acts: Act[]; record: string };
  }

  /** Do it. `id` stays the same when a lost request is repeated, so that it is done once. */
  async do(act: Act, values: Values, id: string, on?: { key: string; record: string }): Promise<void> {
    const status = this.view.status === "actual" ? "" : `&status=${this.view.status}`;
    await this.api.send(
      "POST",
      `acts/${encodeURIComponent(act.id)}?lang=${this.language}${status}`,
      { id, values, ...(on ? { key: on.key, expected: on.record } : {}) },
      this.token(),
    );
  }

  /** Replace something of one's own; returns what now stands. */
  async put(path: string, body: unknown): Promise<unknown> {
    return (await this.api.send("PUT", `${path}?lang=${this.language}`, body, this.token())).body;
  }

  private token(): Record<string, string> {
    return this.me?.token ? { "X-CSRF-Token": this.me.token } : {};
  }
}

/** A name for one wish. */
export function wishId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
}
