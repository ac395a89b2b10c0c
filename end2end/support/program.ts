// The real binary, used as a person at a command line would.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** How long the program may take to say that it serves; the demo plays its quarter first. */
const PATIENCE = 120_000;

/** The program with a folder and a fresh database of its own. */
export class Program {
  readonly #env: NodeJS.ProcessEnv;
  #serving: ChildProcess | undefined;
  /** Everything the serving process has said. */
  said = "";

  private constructor(readonly folder: string) {
    this.#env = {
      PATH: process.env.PATH,
      ASSIZE_DATABASE_URL: `sqlite:${join(folder, "assize.sqlite")}`,
    };
  }

  static async inFreshFolder(): Promise<Program> {
    return new Program(await mkdtemp(join(tmpdir(), "assize-end2end-")));
  }

  /** A command that has to succeed; gives what it printed, as JSON. */
  async command(args: string[], input = ""): Promise<any> {
    const running = run(binary(), ["--format", "json", ...args], { cwd: this.folder, env: this.#env });
    // A program that ends without having read its input is judged by what it printed, not by the broken pipe.
    running.child.stdin?.on("error", () => {});
    running.child.stdin?.end(input);
    return JSON.parse((await running).stdout);
  }

  /** Starts `serve` or `demo`, on a free port unless stated; gives what matched once the process has said it. */
  async start(args: string[], awaited: RegExp, listen = "127.0.0.1:0"): Promise<RegExpExecArray> {
    this.said = "";
    const child = spawn(binary(), [...args, "--listen", listen], { cwd: this.folder, env: this.#env });
    this.#serving = child;
    return new Promise((found, failed) => {
      const late = setTimeout(() => fail("took too long"), PATIENCE);
      const fail = (why: string) => failed(new Error(`assize ${args.join(" ")} ${why}:\n${this.said}`));
      const listen = (chunk: Buffer) => {
        this.said += chunk.toString();
        const match = awaited.exec(this.said);
        if (!match) return;
        clearTimeout(late);
        found(match);
      };
      child.stdout.on("data", listen);
      child.stderr.on("data", listen);
      child.on("error", (error) => fail(error.message));
      child.on("exit", (code) => {
        clearTimeout(late);
        fail(`ended with ${code}`);
      });
    });
  }

  /** Ends the process as a power cut would. */
  async kill(): Promise<void> {
    const serving = this.#serving;
    if (serving && serving.exitCode === null && serving.signalCode === null) {
      serving.kill("SIGKILL");
      await once(serving, "exit");
    }
  }

  /** Ends the process and takes its folder away. */
  async stop(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }
}

function binary(): string {
  const named = process.env.ASSIZE_BIN;
  if (!named) throw new Error("ASSIZE_BIN names no binary; run these tests by `cargo xtask test`");
  return named;
}
