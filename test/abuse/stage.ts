/** One server under attack, with a bait beside it: runs every fixture against it and keeps what came of each. */

import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { runFolderOf } from "../support/processes.ts";
import { addUser, makeTempFolder, startHamlet, type TestHamlet, type TestVal } from "../support/server.ts";
import type { Outcome, Town } from "./attempt.ts";
import { type Bait, plantBait } from "./bait.ts";
import { type Canaries, startCanaries } from "./canaries.ts";
import { type ModelServer, startModelServer } from "./model-server.ts";
import { OUTSIDE } from "./outside.ts";
import { plantVictim, VICTIM, type Victim } from "./victim.ts";

/**
 * An attack that needs more than the val's own word: it is carried out and judged from the host. What it throws is a
 * finding; it may answer with what the val reports of itself.
 */
export type Outside = (stage: Stage, val: TestVal) => Promise<readonly Outcome[] | undefined>;

export interface Verdict {
  /** The first comment of its val. */
  readonly title: string;
  readonly outcomes: readonly Outcome[];
  /** What the check from outside threw. */
  readonly error: unknown;
}

const FIXTURES = import.meta.dir;
const AT_ONCE = 4;
const PATIENCE_MS = 90_000;
const ENTRY = "main.http.ts";
// Fewer workers than vals, so that they are evicted too; room for an attacker's threads; an end that need not wait.
const FLAGS = ["--max-workers", "16", "--memory", "1GB", "--grace", "1s"];
const WANTED =
  "The walls could not stand. As root, on Debian: apt-get install bubblewrap passt nftables iproute2.";

/** Names of all fixture folders. */
export function findAttacks(): string[] {
  return readdirSync(FIXTURES, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

export class Stage implements AsyncDisposable {
  readonly #data = makeTempFolder();
  #canaries!: Canaries;
  #hamlet!: TestHamlet;
  #bait!: Bait;
  #victim!: Victim;
  #models!: ModelServer;
  readonly walls: Town["walls"];

  constructor(walls: Town["walls"]) {
    this.walls = walls;
  }

  get hamlet(): TestHamlet {
    return this.#hamlet;
  }

  get canaries(): Canaries {
    return this.#canaries;
  }

  get bait(): Bait {
    return this.#bait;
  }

  get victim(): Victim {
    return this.#victim;
  }

  /** Throws what `hamlet serve` said when the walls cannot stand on this machine. */
  async start(): Promise<void> {
    this.#canaries = await startCanaries(crypto.randomUUID().slice(0, 8));
    const [name, value] = this.#canaries.variable;
    const { address } = this.#canaries.allowed;
    this.#models = startModelServer();
    const { token } = await addUser(this.#data.path, VICTIM);
    // Deno knows an allowed address only as a whole: alone, it would open all of loopback.
    const walls = this.walls === "deno" ? ["deno"] : ["strict", "--egress-allow", address];
    const starting = startHamlet({
      data: this.#data.path,
      args: [...FLAGS, "--sandbox", ...walls],
      env: {
        [name]: value,
        HAMLET_OPENAI_URL: this.#models.url,
        HAMLET_OPENAI_KEY: this.#models.key,
        HAMLET_OPENAI_RATE: "0",
        ...(this.walls === "namespaces" ? { HAMLET_UNSAFE_PERMISSIONS: "allow-all" } : {}),
      },
    });
    this.#hamlet = await starting.catch((cause) => {
      throw new Error(`${WANTED} ${cause}`, { cause });
    });
    this.#bait = await plantBait(this.#hamlet);
    this.#victim = await plantVictim(this.#hamlet, token);
  }

  /** Saves the fixture as a val and lets it attack. */
  async perform(name: string): Promise<Verdict> {
    const files = this.#readFiles(name);
    const title = /^\/\/ (.+)/m.exec(files[ENTRY] ?? "")?.[1] ?? name;
    try {
      const val = await this.hamlet.val(name, files);
      const outside = OUTSIDE[name];
      const outcomes = (await (outside ? outside(this, val) : this.attack(val))) ?? [];
      return { title, outcomes, error: undefined };
    } catch (error) {
      return { title, outcomes: [], error };
    }
  }

  async performAll(names: readonly string[]): Promise<Map<string, Verdict>> {
    const queue = [...names];
    const verdicts = new Map<string, Verdict>();
    const drain = async () => {
      for (let name = queue.shift(); name; name = queue.shift()) verdicts.set(name, await this.perform(name));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, drain));
    return verdicts;
  }

  /** Tells the val all there is to know of the town; resolves with what it managed. `only`: one attempt, which may end it. */
  async attack(val: TestVal, { only }: { only?: string } = {}): Promise<Outcome[]> {
    const answer = await this.hamlet.fetch(val, "/", {
      method: "POST",
      body: JSON.stringify({ ...this.town(val.name), only }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const text = await answer.text();
    this.look(val.name, text);
    const refused = answer.headers.get("x-hamlet-error");
    if (refused === "build_failed" || refused === "load_failed") {
      return [{ name: "the val itself", result: "stopped", how: refused }];
    }
    if (only !== undefined && refused === "val_died")
      return [{ name: only, result: "stopped", how: refused }];
    if (answer.status !== 200) throw new Error(`${val.name} answered ${answer.status}: ${text}`);
    return JSON.parse(text);
  }

  /** Throws if what a val says holds a secret of somebody else's. */
  look(name: string, text: string): void {
    this.bait.look(`the answer of ${name}`, text);
    const secrets = { ...this.canaries.secrets, ...this.#victim.secrets, "model server": this.#models.key };
    for (const [what, value] of Object.entries(secrets)) {
      if (text.includes(value)) throw new Error(`${name} got the secret of the ${what}: ${text}`);
    }
  }

  town(nonce: string): Town {
    const { files, folder, variable, tcp, udp, allowed, addresses, socket, abstractSocket, bystander } =
      this.canaries;
    const run = this.runFolder;
    return {
      ...{
        walls: this.walls,
        nonce,
        files,
        folder,
        variable: variable[0],
        tcp,
        udp,
        addresses,
        abstractSocket,
        bystander,
      },
      allowed: allowed.address,
      hamlet: this.hamlet.port,
      victim: this.#victim.facts,
      hostname: hostname(),
      sockets: [socket, ...findSockets(this.hamlet.data), ...findSockets(run)],
      data: this.hamlet.data,
      folders: findFolders(run),
      run,
      server: this.hamlet.pid,
    };
  }

  /** Where the server keeps its workers' folders. */
  get runFolder(): string {
    const folder = runFolderOf(this.hamlet.pid);
    if (folder === undefined) throw new Error("The server has no run folder.");
    return folder;
  }

  /** Everything that should not have happened, seen from the host; to be asked when all attacks are over. */
  async breaches(): Promise<string[]> {
    return [
      ...this.canaries.breaches(),
      ...this.#models.breaches(),
      ...(await this.#victim.breaches()),
      ...(await this.bait.breaches()),
    ];
  }

  /** Files under the data folder in which a secret of the host is found; to be asked when the server has ended. */
  leaks(): string[] {
    // The victim's variable is nowhere in clear; what else it has is where it belongs.
    const clear = [...Object.values(this.canaries.secrets), this.#victim.secrets.variable!, this.#models.key];
    const secrets = clear.map((text) => Buffer.from(text));
    return readdirSync(this.#data.path, { recursive: true, encoding: "utf8" })
      .map((name) => join(this.#data.path, name))
      .filter((path) => lstatSync(path).isFile())
      .filter((path) => {
        const bytes = readFileSync(path);
        return secrets.some((text) => bytes.includes(text));
      });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bait?.[Symbol.asyncDispose]();
    await this.#hamlet?.[Symbol.asyncDispose]();
    await this.#canaries?.[Symbol.asyncDispose]();
    await this.#models?.[Symbol.asyncDispose]();
    this.#data[Symbol.dispose]();
  }

  /** Its files with the town's addresses filled in; those that others import come first, the entry last. */
  #readFiles(name: string): Record<string, string> {
    const folder = join(FIXTURES, name);
    const { tcp, files, folder: canaryFolder } = this.canaries;
    const known: Record<string, string> = { tcp: `${tcp}`, folder: canaryFolder, ...files };
    const read = (path: string) =>
      readFileSync(path, "utf8").replaceAll(/\{\{(\w+)\}\}/g, (_, key) => known[key] ?? "");
    const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== "outside.ts")
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
      .sort((a, b) => Number(a === ENTRY) - Number(b === ENTRY));
    return {
      "attempt.ts": read(join(FIXTURES, "attempt.ts")),
      ...Object.fromEntries(paths.map((path) => [path, read(join(folder, path))])),
    };
  }
}

function findFolders(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));
}

function findSockets(folder: string): string[] {
  return (
    readdirSync(folder, { recursive: true, withFileTypes: true })
      // One's own door to the town is there to be used.
      .filter((entry) => entry.isSocket() && entry.name !== "door")
      .map((entry) => join(entry.parentPath, entry.name))
  );
}
