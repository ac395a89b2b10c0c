// A workspace as its owner would set it up: members, definitions, a receiver; all by command line.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { Program } from "./program.ts";
import { type Manner, Receiver } from "./receiver.ts";

export type Role = "owner" | "operator" | "approver" | "auditor" | "viewer";

/** Each listens to the event type of its own key. */
export type Definition = "evidence" | "guarded-evidence" | "decided-evidence";

export const NAMES: Record<Definition, string> = {
  evidence: "Evidence on event",
  "guarded-evidence": "Evidence, retries approved",
  "decided-evidence": "Evidence, decided first",
};

const APPROVALS: Record<Definition, string> = {
  evidence: "",
  "guarded-evidence": "approval: { retries: { role: approver } }",
  "decided-evidence": "approval: { before-action: { role: approver } }",
};

/** Where the pages about automation are. */
export const AUTOMATION = "/w/north/governance/automation";

export class House {
  private constructor(
    readonly program: Program,
    readonly receiver: Receiver,
    readonly origin: string,
  ) {}

  #count = 0;

  static async build(): Promise<House> {
    const program = await Program.inFreshFolder();
    const receiver = await Receiver.start();
    const served = await program.start(["serve"], /origin=(http:\S+)/);
    const house = new House(program, receiver, served[1]!);
    await program.command(["workspace", "add", "north", "North Branch"]);
    await program.command(["destination", "allow", receiver.origin, "--private"]);
    for (const key of Object.keys(NAMES) as Definition[]) await house.#define(key);
    return house;
  }

  /** Adds a member; gives the link they come in by. */
  async invite(name: string, role: Role): Promise<string> {
    const args = ["member", "add", email(name), "--name", name, "--role", role, "--origin", this.origin];
    return (await this.program.command(args)).link.link;
  }

  /** Lets an auditor look into the days from the first to the last. */
  async grant(name: string, first: string, last: string): Promise<void> {
    await this.program.command(["member", "window", "grant", email(name), "--from", first, "--to", last]);
  }

  /** Imports accounts and sends the event that one run is about; gives the run's id. */
  async run(definition: Definition, subjects: string[], more: object = {}): Promise<string> {
    this.#count += 1;
    const batch = `B-${this.#count}`;
    const records = subjects.map((key) => JSON.stringify({ key, batch, branch: "North", ...more }));
    await this.program.command(["import", "-", "--input", "ndjson", "--kind", "account"], records.join("\n"));
    const args = ["event", "send", "--kind", "governed-event", "--source", "desk", "--id", batch];
    const sent = await this.program.command([...args, "--type", definition, "--payload", JSON.stringify({ batch })]);
    return sent.runs[0];
  }

  /** A run about accounts of this prefix, the first of which meets a receiver in this manner. */
  async runMeeting(manner: Manner, definition: Definition, prefix: string, count = 1) {
    const subjects = Array.from({ length: count }, (_, at) => `${prefix}-${at + 1}`);
    this.receiver.behave(subjects[0]!, manner);
    return { subject: subjects[0]!, subjects, run: await this.run(definition, subjects) };
  }

  async stop(): Promise<void> {
    await this.program.stop();
    await this.receiver.stop();
  }

  async #define(key: Definition): Promise<void> {
    const file = join(this.program.folder, `${key}.yaml`);
    await writeFile(
      file,
      `key: ${key}
name: "${NAMES[key]}"
trigger: { kind: governed-event, type: ${key}, source: desk }
subjects: { from: register, kind: account }
condition: subject.batch == event.payload.batch
action:
  actioner: evidence.request-claim
  with:
    key: "EVR-{{ subject.key }}"
    claim: "{{ subject.key }} of {{ subject.branch }} is up to date"
    deliver: { url: "${this.receiver.origin}/requests", key-window-hours: 24 }
retry: { max-attempts: 1 }
${APPROVALS[key]}
`,
    );
    await this.program.command(["apply", file]);
  }
}

export function email(name: string): string {
  return `${name.toLowerCase()}@north.example`;
}
