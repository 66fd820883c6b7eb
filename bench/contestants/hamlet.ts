import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Started, startProcess } from "../process.ts";
import type { Contestant, Running, Vals } from "../types.ts";
import { createFolder, ROOT } from "./folder.ts";

const USER = "bench";

interface Ready {
  readonly url: string;
  readonly api: string;
  readonly pid: number;
}

/** Hamlet as `npm start` runs it, sandbox on. */
export const hamlet: Contestant = {
  name: "hamlet",
  async start(vals: Vals, memory?: string) {
    const folder = createFolder();
    try {
      // With this user there, a first start makes no examples, whose builds would go on beside the first figures.
      await addUser(folder.path, "me");
      const token = await addUser(folder.path, USER);
      const ids = await saveVals(folder.path, token, vals);
      const child = await serve(folder.path, memory ? ["--memory", memory] : []);
      return running(child, token, ids, async () => {
        await child.stop();
        folder.remove();
      });
    } catch (error) {
      folder.remove();
      throw error;
    }
  },
};

/** In a server of its own, so that the one to be measured starts with none of them warm. */
async function saveVals(data: string, token: string, vals: Vals): Promise<Map<string, string>> {
  const child = await serve(data);
  const ids = new Map<string, string>();
  try {
    for (const [name, source] of Object.entries(vals)) {
      ids.set(name, await createVal(child.ready.api, token, name, readFiles(source)));
    }
    return ids;
  } finally {
    await child.stop();
  }
}

function running(
  child: Started<Ready>,
  token: string,
  ids: Map<string, string>,
  stop: () => Promise<void>,
): Running {
  return {
    port: Number(new URL(child.ready.url).port),
    frontPid: child.ready.pid,
    host: (val) => `${USER}-${val.toLowerCase()}.web.localhost:${new URL(child.ready.url).port}`,
    create: async (val, source) => {
      ids.set(val, await createVal(child.ready.api, token, val, readFiles(source)));
    },
    save: async (val, content) => {
      await call(child.ready.api, token, "PUT", `/v2/vals/${ids.get(val)}/files?path=main.ts`, { content });
    },
    stop,
  };
}

function serve(data: string, more: readonly string[] = []): Promise<Started<Ready>> {
  const command = [join(ROOT, "bin/hamlet"), "serve", "--json", "--port", "0", "--data", data, ...more];
  return startProcess<Ready>(command, { cwd: ROOT });
}

async function addUser(data: string, name: string): Promise<string> {
  const command = [join(ROOT, "bin/hamlet"), "user", "add", name, "--data", data];
  const child = await startProcess<{ token: string }>(command, { cwd: ROOT });
  await child.stop();
  return child.ready.token;
}

/** All files at once, so that the first build is one of all of them. */
async function createVal(api: string, token: string, name: string, files: NewFile[]): Promise<string> {
  return (await call(api, token, "POST", "/v2/vals", { name, privacy: "public", files })).id;
}

interface NewFile {
  readonly path: string;
  readonly type: "http" | "script";
  readonly content: string;
}

function readFiles(folder: string): NewFile[] {
  return readdirSync(folder).map((path) => ({
    path,
    type: path === "main.ts" ? "http" : "script",
    content: readFileSync(join(folder, path), "utf8"),
  }));
}

async function call(api: string, token: string, method: string, path: string, body: object) {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const response = await fetch(api + path, { method, headers, body: JSON.stringify(body) });
  if (!response.ok)
    throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as { id: string };
}
