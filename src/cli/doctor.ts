/** `hamlet doctor`: could this machine run Hamlet, and if not, what is to be done? */

import { accessSync, constants, existsSync, mkdtempSync, readFileSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import packageJson from "../../package.json" with { type: "json" };
import { type Config, parseConfig, SERVE_FLAGS } from "../config.ts";
import { toSandboxOptions } from "../confinement.ts";
import { toHamletError } from "../errors.ts";
import { checkSandbox } from "../sandbox/doctor.ts";
import { createSandbox } from "../sandbox/sandbox.ts";
import type { Sandbox } from "../sandbox/types.ts";
import type { Command } from "./command.ts";
import { checkMail, checkPort, type Finding } from "./doctor-ports.ts";

const MARKS = { ok: "ok  ", weak: "weak", no: "NO  " } as const;

/** Takes the flags of `serve`, to answer for exactly that start. */
export const doctor: Command = {
  name: "doctor",
  usage: "",
  summary: "Check runtimes, walls, builder, disk and port, and say what to do.",
  flags: SERVE_FLAGS,
  async run(argv, { out }) {
    const config = parseConfig(argv, undefined, "doctor");
    const findings = [
      checkBun(),
      ...(await checkWalls(config)),
      checkFolder(config.data),
      checkSpace(config.data),
      checkOpenFiles(config.maxConnections),
      checkPort(config.host, config.port),
      ...(await checkMail(config)),
    ];
    for (const { state, what, advice } of findings) {
      out(`${MARKS[state]}  ${what}`);
      if (advice) out(`      → ${advice}`);
    }
    const broken = findings.some(({ state }) => state === "no");
    out(broken ? "Hamlet cannot start here: mend what is marked NO." : "Hamlet can start here.");
    return broken ? 1 : 0;
  },
};

function checkBun(): Finding {
  const wanted = packageJson.dependencies.bun;
  if (Bun.version === wanted) return { state: "ok", what: `Bun ${Bun.version}` };
  return { state: "weak", what: `Bun ${Bun.version}, tested with ${wanted}`, advice: 'Run "npm ci".' };
}

/** The data folder, or the nearest folder above it that exists, is writable. */
function checkFolder(folder: string): Finding {
  try {
    accessSync(nearestExisting(folder), constants.W_OK | constants.X_OK);
    return { state: "ok", what: `data folder ${folder} is writable` };
  } catch {
    const advice = "Give this user write access, or choose another folder with --data.";
    return { state: "no", what: `data folder ${folder} is not writable`, advice };
  }
}

function checkSpace(folder: string): Finding {
  const { bavail, bsize } = statfsSync(nearestExisting(folder));
  const megabytes = Math.floor((bavail * bsize) / 2 ** 20);
  const what = `${megabytes.toLocaleString("en")} MB of disk are free`;
  const advice =
    "Make room, or choose another disk with --data; Hamlet writes packages, artifacts and logs there.";
  return megabytes >= 1024 ? { state: "ok", what } : { state: megabytes >= 50 ? "weak" : "no", what, advice };
}

/** Each visitor who waits for an answer takes two open files. */
function checkOpenFiles(connections: number): Finding {
  const limits = existsSync("/proc/self/limits") ? readFileSync("/proc/self/limits", "utf8") : "";
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(limits)?.[1];
  const wanted = 2 * connections;
  if (hard === undefined || hard === "unlimited" || Number(hard) >= wanted) {
    return { state: "ok", what: `${hard ?? "enough"} open files are allowed` };
  }
  return {
    state: "weak",
    what: `only ${hard} open files are allowed`,
    advice: `Raise it: ulimit -n ${wanted}, or lower --max-connections.`,
  };
}

async function checkWalls(config: Config): Promise<Finding[]> {
  const parts = config.sandbox === "deno" ? [] : await checkSandbox();
  return [
    ...parts.map(({ name, ok, detail, fix }): Finding => {
      return { state: ok ? "ok" : "weak", what: `${name}: ${detail}`, advice: fix };
    }),
    ...(await raiseWalls(config)),
  ];
}

/** The proof: walls as this start would have them, with Deno behind them. */
async function raiseWalls(config: Config): Promise<Finding[]> {
  const temp = mkdtempSync(join(tmpdir(), "hamlet-doctor-"));
  try {
    await using sandbox = await openSandbox(config, temp);
    const once = {
      args: ["--version"],
      folder: temp,
      writeCache: false,
      timeoutMs: 30_000,
      maxOutputBytes: 4096,
    };
    const { stdout } = await sandbox.run(once);
    const all = sandbox.level === "full" || sandbox.level === config.sandbox;
    return [
      { state: "ok", what: `Deno ${/^deno (\S+)/.exec(stdout)?.[1] ?? "runs"}` },
      { state: all ? "ok" : "weak", what: `walls: ${sandbox.description}` },
      await checkBuilder(sandbox, temp),
    ];
  } catch (error) {
    return [{ state: "no", what: `walls: ${toHamletError(error).message}` }];
  } finally {
    rmSync(temp, { recursive: true, force: true });
  }
}

/** The proof that vals can be built: esbuild makes JavaScript of a line, in a process that is confined as a start would. */
async function checkBuilder(sandbox: Sandbox, temp: string): Promise<Finding> {
  // Only here: other commands start faster without it.
  const { createBuilder } = await import("../build/build.ts");
  const origin = { moduleOrigin: "https://esm.town", esmHosts: () => [] };
  try {
    const options = {
      sandbox,
      artifactsDir: join(temp, "artifacts"),
      ...origin,
      findVal: async () => undefined,
    };
    const builder = createBuilder(options);
    const line = { path: "main.ts", content: "export const a: number = 1;", url: "https://esm.town/main.ts" };
    const made = await builder.transpile({ ...line, prefixes: {} }).finally(() => builder.close());
    if (made.ok)
      return { state: "ok", what: `esbuild ${packageJson.dependencies.esbuild} builds, confined too` };
    return { state: "no", what: `builder: ${made.diagnostics[0]?.message}`, advice: 'Run "npm ci".' };
  } catch (error) {
    const { message, cause } = toHamletError(error);
    const advice = 'Run "npm ci"; if that does not help, mend what is wrong with the walls.';
    return {
      state: "no",
      what: `builder: ${cause instanceof Error ? firstLine(cause.message) : message}`,
      advice,
    };
  }
}

const firstLine = (text: string) => text.trim().split("\n")[0];

async function openSandbox(config: Config, cache: string): Promise<Sandbox & AsyncDisposable> {
  const sandbox = await createSandbox(toSandboxOptions(config, cache));
  // No spread: it is an instance, whose methods a copy would lose.
  return Object.assign(sandbox, { [Symbol.asyncDispose]: () => sandbox.close() });
}

function nearestExisting(folder: string): string {
  return existsSync(folder) ? folder : nearestExisting(dirname(folder));
}
