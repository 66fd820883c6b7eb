/** Which walls this machine can raise, and what to do for those it cannot. */

import { accessSync, constants, readFileSync } from "node:fs";
import { toHamletError } from "../errors.ts";
import { createSandbox, type SandboxOptions } from "./sandbox.ts";
import { canChangeUser } from "./users.ts";

/** One thing that was looked at; `fix` says what to do when it is not `ok`. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly fix?: string;
}

const FOLDERS = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"];
const TOOLS: readonly [tool: string, debianPackage: string, purpose: string][] = [
  ["bwrap", "bubblewrap", "gives each worker mounts and processes of its own"],
  ["pasta", "passt", "carries the workers' traffic to the internet"],
  ["nft", "nftables", "decides which addresses they may reach"],
  ["nsenter", "util-linux", "starts workers in the namespaces"],
  ["unshare", "util-linux", "makes the namespaces"],
  ["setpriv", "util-linux", "ends helpers together with Hamlet"],
  ["prlimit", "util-linux", "limits files, processes and data"],
];

/** Look at every tool and kernel setting that the walls need; with `options`, also raise the walls for a moment. */
export async function checkSandbox(options?: SandboxOptions): Promise<Check[]> {
  if (process.platform !== "linux") {
    const fix = "Run Hamlet on Linux, in a virtual machine or a container, when vals are not all your own.";
    return [
      {
        name: "namespaces",
        ok: false,
        detail: "Namespaces need Linux: Deno's permissions stand alone.",
        fix,
      },
    ];
  }
  const checks = [...TOOLS.map(checkTool), checkUserNamespaces(), checkRoot()];
  return options ? [...checks, await raise(options)] : checks;
}

function checkTool([tool, debianPackage, purpose]: (typeof TOOLS)[number]): Check {
  const path = FOLDERS.map((folder) => `${folder}/${tool}`).find(isExecutable);
  if (path) return { name: tool, ok: true, detail: `${path} ${purpose}.` };
  const fix = `Install it: apt-get install ${debianPackage} (or the like of your system).`;
  return { name: tool, ok: false, detail: `${tool} is missing; it ${purpose}.`, fix };
}

function checkUserNamespaces(): Check {
  const name = "user namespaces";
  const blocks: readonly [file: string, blocking: string][] = [
    ["/proc/sys/user/max_user_namespaces", "0"],
    ["/proc/sys/kernel/unprivileged_userns_clone", "0"],
    ["/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1"],
  ];
  const block = blocks.find(([file, value]) => read(file) === value);
  if (!block) return { name, ok: true, detail: "Unprivileged users may make them." };
  const key = block[0].slice("/proc/sys/".length).replaceAll("/", ".");
  const value = block[1] === "0" ? (key.includes("max") ? "10000" : "1") : "0";
  return { name, ok: false, detail: `${key} is ${block[1]}.`, fix: `Allow them: sysctl -w ${key}=${value}` };
}

function checkRoot(): Check {
  const name = "a user per worker";
  if (canChangeUser())
    return {
      name,
      ok: true,
      detail: "Hamlet is root and gives each worker an unprivileged user of its own.",
    };
  const detail = "All workers are this one user, kept apart by namespaces only.";
  return { name, ok: false, detail, fix: "For one more wall, start Hamlet as root: workers never are." };
}

/** The proof: tools and settings can be right, and a container still forbid it. */
async function raise(options: SandboxOptions): Promise<Check> {
  const name = "all walls together";
  try {
    const sandbox = await createSandbox({ ...options, mode: "strict" });
    await sandbox.close();
    return { name, ok: true, detail: sandbox.description };
  } catch (error) {
    const fix = "Mend what is wrong above; in a container, give it --privileged or a machine of its own.";
    return { name, ok: false, detail: toHamletError(error).message, fix };
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return undefined;
  }
}
