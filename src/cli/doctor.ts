/** `hamlet doctor`: could this machine run Hamlet, and if not, what is to be done? */

import { accessSync, constants, existsSync, readFileSync, statfsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import packageJson from "../../package.json" with { type: "json" };
import { SERVE_FLAGS } from "../config.ts";
import { defineCommand } from "./command.ts";

/** `no`: Hamlet cannot start. `weak`: it starts, with less than it could have. */
export interface Finding {
  readonly state: "ok" | "weak" | "no";
  readonly what: string;
  /** What to do about it. */
  readonly advice?: string;
}

const { port, host, data, sandbox } = SERVE_FLAGS;

export const doctor = defineCommand({
  name: "doctor",
  usage: "",
  summary: "Check runtimes, walls, disk and port, and say what to do.",
  flags: { port, host, data, sandbox },
  async run(values, _positionals, { out }) {
    const findings = [
      checkBun(),
      ...(await checkWalls(values.sandbox)),
      checkFolder(resolve(values.data)),
      checkSpace(resolve(values.data)),
      checkOpenFiles(),
      checkPort(values.host, values.port),
    ];
    const marks = { ok: "ok  ", weak: "weak", no: "NO  " };
    for (const { state, what, advice } of findings) {
      out(`${marks[state]}  ${what}`);
      if (advice) out(`      → ${advice}`);
    }
    const broken = findings.filter(({ state }) => state === "no").length;
    out(broken === 0 ? "Hamlet can start here." : "Hamlet cannot start here: mend what is marked NO.");
    return broken === 0 ? 0 : 1;
  },
});

function checkBun(): Finding {
  const wanted = packageJson.dependencies.bun;
  if (Bun.version === wanted) return { state: "ok", what: `Bun ${Bun.version}` };
  return { state: "weak", what: `Bun ${Bun.version}, tested with ${wanted}`, advice: 'Run "npm ci".' };
}

/** The data folder, or the nearest folder above it that exists, is writable. */
export function checkFolder(folder: string): Finding {
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
function checkOpenFiles(): Finding {
  const limits = existsSync("/proc/self/limits") ? readFileSync("/proc/self/limits", "utf8") : "";
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(limits)?.[1];
  const wanted = 2 * Number(SERVE_FLAGS.maxConnections.fallback);
  if (hard === undefined || hard === "unlimited" || Number(hard) >= wanted) {
    return { state: "ok", what: `${hard ?? "enough"} open files are allowed` };
  }
  return {
    state: "weak",
    what: `only ${hard} open files are allowed`,
    advice: `Raise it: ulimit -n ${wanted}.`,
  };
}

/** Something can be opened there: the only sure way to know is to open it. */
export function checkPort(hostname: string, number: number): Finding {
  try {
    Bun.listen({ hostname, port: number, socket: { data() {} } }).stop(true);
    return { state: "ok", what: `port ${number} on ${hostname} is free` };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    if (code === "EADDRINUSE") {
      const advice = "Stop what listens there (Hamlet itself?), or choose another with --port.";
      return { state: "no", what: `port ${number} on ${hostname} is in use`, advice };
    }
    const advice = "Choose another with --port and --host.";
    return { state: "no", what: `port ${number} on ${hostname} cannot be opened (${code})`, advice };
  }
}

async function checkWalls(mode: "auto" | "strict" | "deno"): Promise<Finding[]> {
  return [];
}

function nearestExisting(folder: string): string {
  return existsSync(folder) ? folder : nearestExisting(dirname(folder));
}
