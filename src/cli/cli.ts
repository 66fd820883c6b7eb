/** What does a person type? Every command but `serve`. */

import packageJson from "../../package.json" with { type: "json" };
import { SERVE_FLAGS } from "../config.ts";
import { HamletError } from "../errors.ts";
import { nearest, renderFlags } from "../flags.ts";
import { exportCommand, importCommand } from "./archive.ts";
import { builds } from "./builds.ts";
import type { Command, Output } from "./command.ts";
import { cronCommand } from "./cron.ts";
import { doctor } from "./doctor.ts";
import { logs } from "./logs.ts";
import { runCommand } from "./run.ts";
import { tokenCreate } from "./token.ts";
import { trace } from "./trace.ts";
import { userAdd, userPassword } from "./user.ts";

const COMMANDS: readonly Command[] = [
  userAdd,
  userPassword,
  tokenCreate,
  runCommand,
  logs,
  trace,
  builds,
  cronCommand,
  exportCommand,
  importCommand,
  doctor,
];

const SERVE = {
  name: "serve",
  usage: "",
  summary: "Run the town: gateway, API and vals.",
  flags: SERVE_FLAGS,
};

/** Runs one command and resolves with its exit code. Throws HamletError `config` for what the person can mend. */
export async function run(argv: readonly string[], output: Output): Promise<number> {
  const words = argv.filter((argument) => !argument.startsWith("-"));
  const command = COMMANDS.find(({ name }) => argv.slice(0, name.split(" ").length).join(" ") === name);
  if (argv[0] === "--version" || argv[0] === "-V") return say(output.out, packageJson.version);
  if (argv.length === 0) return say(output.err, renderHelp(), 2);
  if (argv[0] === "help" || argv.includes("--help") || argv.includes("-h")) {
    const topic = words.filter((word) => word !== "help").join(" ");
    const found = [SERVE, ...COMMANDS].find(({ name }) => topic === name || topic.startsWith(`${name} `));
    return say(output.out, found ? renderCommand(found) : renderHelp(topic));
  }
  if (!command) throw unknownCommand(words);
  return command.run(argv.slice(command.name.split(" ").length), output);
}

function say(write: (line: string) => void, text: string, code = 0): number {
  write(text);
  return code;
}

function unknownCommand(words: readonly string[]): HamletError {
  const typed = words.slice(0, 2).join(" ");
  const names = [SERVE, ...COMMANDS].map(({ name }) => name);
  const near =
    names.find((name) => name.startsWith(`${typed} `)) ??
    nearest(typed, names) ??
    nearest(words[0] ?? "", names);
  const hint = near ? `did you mean "hamlet ${near}"?` : '"hamlet help" lists what there is.';
  return new HamletError("config", `there is no command "${typed}": ${hint}`);
}

/** @param topic the first word of several commands; without it, all are shown */
function renderHelp(topic = ""): string {
  const all = [SERVE, ...COMMANDS];
  const some = all.filter(({ name }) => name.split(" ")[0] === topic);
  const rows = (some.length > 0 ? some : all).map(
    ({ name, usage, summary }) => [`  hamlet ${name} ${usage}`.trimEnd(), summary] as const,
  );
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return [
    "Hamlet: save a TypeScript function, and it is a live endpoint.",
    "",
    ...rows.map(([left, right]) => left.padEnd(width) + right),
    "",
    '"hamlet COMMAND --help" lists the flags of a command; "hamlet --version" prints the version.',
  ].join("\n");
}

function renderCommand({ name, usage, summary, flags }: Omit<Command, "run">): string {
  const head = `hamlet ${name} ${usage}`.trimEnd();
  return [
    `${head} [flags]`,
    summary,
    "",
    renderFlags(flags),
    "",
    "Each flag can be set by a variable instead: --data is HAMLET_DATA.",
  ].join("\n");
}
