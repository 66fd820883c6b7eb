// Starts threads, which might be given more rights than their parent.
import { Worker as NodeWorker, SHARE_ENV } from "node:worker_threads";
import { type Attempt, attack, type Town } from "./attempt.ts";

type Answer = { read?: string; refused?: string };

const readIn = (town: Town) => `
  let answer;
  try { answer = { read: Deno.readTextFileSync(${JSON.stringify(town.files.text)}) } }
  catch (error) { answer = { refused: String(error) } }
  postMessage(answer);
`;

const dataUrl = (source: string) => `data:text/javascript,${encodeURIComponent(source)}`;
const blobUrl = (source: string) => URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
const fileUrl = (source: string) => {
  const path = Deno.makeTempFileSync({ suffix: ".js" });
  Deno.writeTextFileSync(path, source);
  return `file://${path}`;
};

function ask(url: string): Promise<string> {
  const worker = new Worker(url, { type: "module" });
  const answer = new Promise<string>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Answer>) =>
      data.read === undefined ? reject(new Error(data.refused)) : resolve(data.read);
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(event.message));
    };
  });
  return answer.finally(() => worker.terminate());
}

function askNode(town: Town): Promise<string> {
  const source = `
    const { parentPort } = require("node:worker_threads");
    try { parentPort.postMessage({ read: require("node:fs").readFileSync(${JSON.stringify(town.files.text)}, "utf8") }) }
    catch (error) { parentPort.postMessage({ refused: String(error) }) }`;
  const worker = new NodeWorker(source, { eval: true, env: SHARE_ENV, execArgv: ["--allow-all"] });
  const answer = new Promise<string>((resolve, reject) => {
    worker.on("error", reject);
    worker.on("message", ({ read, refused }: Answer) =>
      read === undefined ? reject(new Error(refused)) : resolve(read),
    );
  });
  return answer.finally(() => worker.terminate());
}

/** One after the other: each thread reserves so much memory that a dozen at once would end the process. */
let turn: Promise<unknown> = Promise.resolve();
const inTurn = (attempt: Attempt) => (town: Town) => {
  const result = turn.then(() => attempt(town));
  turn = result.catch(() => {});
  return result;
};

const nested = (town: Town) =>
  `const inner = new Worker(${JSON.stringify(dataUrl(readIn(town)))}, { type: "module" }); inner.onmessage = (e) => postMessage(e.data);`;

export default attack({
  "inherited rights": inTurn((town) => ask(dataUrl(readIn(town)))),
  "from a blob": inTurn((town) => ask(blobUrl(readIn(town)))),
  "from a file it wrote": inTurn((town) => ask(fileUrl(readIn(town)))),
  "in a worker of a worker": inTurn((town) => ask(dataUrl(nested(town)))),
  "by evaluation in it": inTurn((town) => ask(dataUrl(`new Function(${JSON.stringify(readIn(town))})()`))),
  "a thread of node's": inTurn(askNode),
});
