// Leaves messages for another val in every place that both might see.
import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

interface Place {
  leave(text: string): unknown;
  find(): unknown;
}

const scratch = Deno.env.get("TMPDIR") ?? "/tmp";
const files = [
  "/tmp/message",
  "/val/message",
  "/cache/message",
  "/dev/shm/message",
  "/sock/message",
  "/message",
  "./message",
];

const places: Readonly<Record<string, Place>> = {
  scratch: {
    leave: (text) => Deno.writeTextFileSync(`${scratch}/message`, text),
    find: () => Deno.readTextFileSync(`${scratch}/message`),
  },
  localStorage: {
    leave: (text) => localStorage.setItem("message", text),
    find: () => localStorage.getItem("message"),
  },
  sessionStorage: {
    leave: (text) => sessionStorage.setItem("message", text),
    find: () => sessionStorage.getItem("message"),
  },
  caches: {
    leave: async (text) => (await caches.open("messages")).put("http://message/", new Response(text)),
    find: async () => (await (await caches.open("messages")).match("http://message/"))?.text(),
  },
  kv: {
    leave: async (text) => (await kv()).set(["message"], text),
    find: async () => (await (await kv()).get(["message"])).value,
  },
  sqlite: {
    leave: (text) => {
      const database = new DatabaseSync(`${scratch}/message.db`);
      database.exec("CREATE TABLE IF NOT EXISTS message (text)");
      database.prepare("INSERT INTO message VALUES (?)").run(text);
    },
    find: () =>
      existsSync(`${scratch}/message.db`) &&
      new DatabaseSync(`${scratch}/message.db`).prepare("SELECT * FROM message").all(),
  },
  environment: {
    leave: (text) => Deno.env.set("MESSAGE", text),
    find: () => Deno.env.get("MESSAGE"),
  },
  ...Object.fromEntries(
    files.map((path) => [
      path,
      {
        leave: (text: string) => Deno.writeTextFileSync(path, text),
        find: () => Deno.readTextFileSync(path),
      },
    ]),
  ),
};

interface Kv {
  set(key: string[], value: string): unknown;
  get(key: string[]): Promise<{ value: unknown }>;
}

const kv = () => (Deno as unknown as { openKv(): Promise<Kv> }).openKv();

const heard: unknown[] = [];
const channel = new BroadcastChannel("messages");
channel.onmessage = (event) => heard.push(event.data);

export default async function share(request: Request): Promise<Response> {
  const { searchParams } = new URL(request.url);
  const text = searchParams.get("leave");
  const outcome: Record<string, string> = {};
  if (text !== null) channel.postMessage(text);
  for (const [name, place] of Object.entries(places)) {
    try {
      outcome[name] = String(text === null ? JSON.stringify(await place.find()) : await place.leave(text));
    } catch (error) {
      outcome[name] = String(error);
    }
  }
  return Response.json({ ...outcome, heard: `${heard}` });
}
