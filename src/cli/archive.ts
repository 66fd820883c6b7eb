/** `hamlet export` and `hamlet import`: an account's archive, through the server that runs on the data folder. */

import { open } from "node:fs/promises";
import { resolve } from "node:path";
import { SERVE_FLAGS } from "../config.ts";
import { HamletError } from "../errors.ts";
import { choice, text, toggle } from "../flags.ts";
import { ask, type Question, refusalOf } from "./ask.ts";
import { defineCommand } from "./command.ts";
import { withStore } from "./data.ts";

export const exportCommand = defineCommand({
  name: "export",
  usage: "USER FILE",
  summary: "Write everything of an account into a tar archive, while its server runs.",
  flags: {
    secrets: toggle({ help: "With the variables' values." }),
    history: toggle({ help: "With every version of every file." }),
    data: SERVE_FLAGS.data,
  },
  run: async ({ secrets, history, data }, [username, file, ...rest], { out }) => {
    if (!username || !file || rest.length > 0)
      throw new HamletError("config", "hamlet export takes a user and a file, such as me me.tar.");
    const query = new URLSearchParams({ secrets: String(secrets), history: String(history) });
    await askAs(data, username, { path: `/v3/me/export?${query}` }, async ({ body }) => {
      // What is in it is its owner's alone.
      const target = await open(resolve(file), "w", 0o600).catch((cause: Error) => {
        throw new HamletError("config", `${file} cannot be written: ${cause.message}.`, { cause });
      });
      try {
        for await (const chunk of body ?? []) await target.writeFile(chunk);
      } finally {
        await target.close();
      }
      out(`${username} is in ${file}.`);
    });
    return 0;
  },
});

export const importCommand = defineCommand({
  name: "import",
  usage: "FILE",
  summary: "Make the vals of a tar archive, while the server runs.",
  flags: {
    user: text("me", "a username", /^[\w-]+$/, { help: "Whose they will be." }),
    onConflict: choice(["fail", "skip", "rename"], "fail", {
      help: "When there is a val of the same name: make nothing, pass it over, or choose another name.",
    }),
    data: SERVE_FLAGS.data,
  },
  run: async ({ user, onConflict, data }, [file, ...rest], { out }) => {
    const source = Bun.file(resolve(file ?? ""));
    if (!file || rest.length > 0)
      throw new HamletError("config", "hamlet import takes one file, such as me.tar.");
    if (!(await source.exists())) throw new HamletError("config", `There is no file ${file}.`);
    const path = `/v3/import?on_conflict=${onConflict}`;
    let failed = false;
    await askAs(data, user, { path, body: source.stream() }, async (response) => {
      const report = (await response.json()) as Report;
      for (const one of report.vals) {
        failed ||= one.status === "failed";
        out(toLine(one));
      }
      const { stored, skipped } = report.blobs;
      out(`${stored} blobs stored, ${skipped} skipped; database: ${report.database}`);
      if (report.message !== null) out(report.message);
      failed ||= report.message !== null;
    });
    return failed ? 1 : 0;
  },
});

function toLine({ name, status, val, message, missingVariables, build }: ValReport): string {
  const parts = [`${name}: ${status}${val === null || val.name === name ? "" : ` as ${val.name}`}`];
  if (message !== null) parts.push(message);
  if (build === "failed") parts.push("it cannot be built; hamlet builds says why");
  if (missingVariables.length > 0)
    parts.push(`its variables have no values yet: ${missingVariables.join(", ")}`);
  return parts.join(": ");
}

interface ValReport {
  readonly name: string;
  readonly status: string;
  readonly val: { readonly name: string } | null;
  readonly message: string | null;
  readonly missingVariables: readonly string[];
  readonly build: "ok" | "failed" | null;
}

interface Report {
  readonly vals: readonly ValReport[];
  readonly blobs: { readonly stored: number; readonly skipped: number };
  readonly database: string;
  readonly message: string | null;
}

/** Ask the server in a user's name. Throws HamletError `config` when it refuses. */
async function askAs(
  data: string,
  username: string,
  question: Question,
  use: (response: Response) => Promise<void>,
): Promise<void> {
  await withStore(data, { mustExist: true }, async (store) => {
    const user = await store.users.findByName(username);
    if (!user) throw new HamletError("config", `There is no user ${username} in this data folder.`);
    await ask({ store, data, userId: user.id }, question, async (response) => {
      // The server names what it takes as a query.
      if (!response.ok)
        throw new HamletError(
          "config",
          (await refusalOf(response)).replaceAll("on_conflict=", "--on-conflict "),
        );
      await use(response);
    });
  });
}
