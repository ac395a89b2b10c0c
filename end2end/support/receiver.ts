// Somebody else's system: honours `Idempotency-Key`, lists what it did, and can be told to misbehave.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What a receiver does with requests about a subject. */
export type Manner = "take" | "be-down" | "refuse" | "hold";

/** Something that was really done, once. */
export interface Effect {
  key: string;
  subject: string;
}

export class Receiver {
  /** Only ever added to. */
  readonly #effects: Effect[] = [];
  readonly #manners = new Map<string, Manner>();
  readonly #held = new Map<string, (() => void)[]>();
  readonly #server: Server = createServer((request, response) => void this.#answer(request, response));

  static async start(): Promise<Receiver> {
    const receiver = new Receiver();
    await new Promise<void>((listening) => receiver.#server.listen(0, "127.0.0.1", listening));
    return receiver;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** From now on; whatever is held is let go first. */
  behave(subject: string, manner: Manner): void {
    this.#manners.set(subject, manner);
    if (manner !== "hold") for (const release of this.#held.get(subject) ?? []) release();
  }

  /** Whether a request about the subject is being held. */
  holds(subject: string): boolean {
    return this.#held.has(subject);
  }

  effects(subject: string): Effect[] {
    return this.#effects.filter((effect) => effect.subject === subject);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const subject: string = JSON.parse(Buffer.concat(chunks).toString()).about.key;
    const key = String(request.headers["idempotency-key"]);
    if (this.#manner(subject) === "hold") {
      await new Promise<void>((release) => {
        this.#held.set(subject, [...(this.#held.get(subject) ?? []), release]);
      });
    }
    const manner = this.#manner(subject);
    if (manner === "be-down") return void response.writeHead(503).end("closed");
    if (manner === "refuse") return void response.writeHead(400).end("not like this");
    const known = this.#effects.findIndex((effect) => effect.key === key);
    if (known < 0) this.#effects.push({ key, subject });
    else response.setHeader("idempotent-replayed", "true");
    const number = known < 0 ? this.#effects.length : known + 1;
    response.writeHead(201, { "content-type": "application/json" });
    response.end(JSON.stringify({ receipt: `RCP-${number}` }));
  }

  #manner(subject: string): Manner {
    return this.#manners.get(subject) ?? "take";
  }
}
