// Starts threads with more rights than its own.
import { Worker as NodeWorker, SHARE_ENV } from "node:worker_threads";
import { attack, type Town } from "./attempt.ts";

const readIn = (town: Town) => `
  let loot;
  try { loot = { read: Deno.readTextFileSync(${JSON.stringify(town.files.text)}) } } catch (error) { loot = { refused: String(error) } }
  postMessage(loot);
`;

type Answer = { read?: string; refused?: string };

function ask(url: string, options: object = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(url, { type: "module", ...options });
    worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      worker.terminate();
      if (data.read === undefined) reject(new Error(data.refused));
      else resolve(data.read);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(event.message));
    };
  });
}

const dataUrl = (source: string) => `data:text/javascript,${encodeURIComponent(source)}`;
const blobUrl = (source: string) => URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
const fileUrl = (source: string) => {
  const path = Deno.makeTempFileSync({ suffix: ".js" });
  Deno.writeTextFileSync(path, source);
  return `file://${path}`;
};

export default attack({
  "inherited rights": (town) => ask(dataUrl(readIn(town))),
  "all rights": (town) =>
    ask(dataUrl(readIn(town)), { deno: { permissions: { read: true, run: true, net: true } } }),
  "rights to one file": (town) =>
    ask(dataUrl(readIn(town)), { deno: { permissions: { read: [town.files.text] } } }),
  "rights by name": (town) => ask(dataUrl(readIn(town)), { deno: { permissions: "inherit" } }),
  "from a blob": (town) => ask(blobUrl(readIn(town))),
  "from a file it wrote": (town) => ask(fileUrl(readIn(town))),
  "in a worker of a worker": (town) =>
    ask(
      dataUrl(
        `const inner = new Worker(${JSON.stringify(dataUrl(readIn(town)))}, { type: "module" }); inner.onmessage = (e) => postMessage(e.data);`,
      ),
    ),
  "by evaluation in it": (town) => ask(dataUrl(`new Function(${JSON.stringify(readIn(town))})()`)),
  "a thread of node's": (town) =>
    new Promise((resolve, reject) => {
      const source = `
        const { parentPort } = require("node:worker_threads");
        try { parentPort.postMessage({ read: require("node:fs").readFileSync(${JSON.stringify(town.files.text)}, "utf8") }) }
        catch (error) { parentPort.postMessage({ refused: String(error) }) }`;
      const worker = new NodeWorker(source, { eval: true, env: SHARE_ENV, execArgv: ["--allow-all"] });
      worker.on("error", reject);
      worker.on("message", (answer: Answer) =>
        answer.read === undefined ? reject(new Error(answer.refused)) : resolve(answer.read),
      );
    }),
});
