// Starts threads and names the rights that they are to have.
import { attack, ownProcess, type Town } from "./attempt.ts";

type Answer = { read?: string; refused?: string };

function ask(town: Town, permissions: unknown): Promise<string> {
  const source = `
    try { postMessage({ read: Deno.readTextFileSync(${JSON.stringify(town.files.text)}) }) }
    catch (error) { postMessage({ refused: String(error) }) }`;
  const worker = new Worker(`data:text/javascript,${encodeURIComponent(source)}`, {
    type: "module",
    deno: { permissions },
  } as WorkerOptions);
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Answer>) =>
      data.read === undefined ? reject(new Error(data.refused)) : resolve(data.read);
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(event.message));
    };
  });
}

export default attack({
  "all rights": (town) => ask(town, { read: true, run: true, net: true, ffi: true, sys: true, write: true }),
  "the right to one file": (town) => ask(town, { read: [town.files.text] }),
  "inherited rights": (town) => ask(town, "inherit"),
  "no rights, and then all": (town) => ask(town, "none").catch(() => ask(town, { read: true })),
  "a port that is shared": ownProcess("nobody can connect to it, see listen-on-host", (town) =>
    Deno.listen({ hostname: "127.0.0.1", port: town.hamlet, reusePort: true }),
  ),
});
