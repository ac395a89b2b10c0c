// A receiver of webhooks: keeps what it is sent, and refuses as often as it is told to.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as it arrived. */
export interface Heard {
  id: string;
  signature: string;
  body: string;
}

export class Hooks {
  readonly heard: Heard[] = [];
  /** How many of the next requests are refused. */
  refusals = 0;
  readonly #server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const header = (name: string) => String(request.headers[name]);
    const body = Buffer.concat(chunks).toString();
    this.heard.push({ id: header("webhook-id"), signature: header("webhook-signature"), body });
    this.refusals -= 1;
    if (this.refusals >= 0) response.writeHead(503).end("closed for lunch");
    else response.writeHead(204).end();
  });

  static async start(): Promise<Hooks> {
    const hooks = new Hooks();
    await new Promise<void>((listening) => hooks.#server.listen(0, "127.0.0.1", listening));
    return hooks;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
  }
}
