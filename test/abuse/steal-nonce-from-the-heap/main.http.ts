// Takes a picture of its own memory and looks for the nonce.
import { Session } from "node:inspector";
import v8 from "node:v8";
import { attack, need, ownProcess } from "./attempt.ts";

const reason = "the guest runs in its own process";
const LOOT = /[0-9a-f]{32} \{/;

async function post(method: string, parameters: object = {}): Promise<string> {
  const session = new Session();
  session.connect();
  let text = "";
  session.on("HeapProfiler.addHeapSnapshotChunk", ({ params }) => {
    text += params.chunk;
  });
  const result = await new Promise((resolve, reject) =>
    session.post(method, parameters, (error: Error | null, value?: object) =>
      error ? reject(error) : resolve(value),
    ),
  );
  session.disconnect();
  return text + JSON.stringify(result);
}

const search = (text: string) => need(LOOT.exec(text)?.[0], `${text.length} characters without it`);

export default attack({
  "v8.getHeapSnapshot": ownProcess(reason, async () => {
    const chunks = await Array.fromAsync(v8.getHeapSnapshot());
    return search(chunks.join(""));
  }),
  "v8.writeHeapSnapshot": ownProcess(reason, () =>
    search(Deno.readTextFileSync(v8.writeHeapSnapshot("/tmp/heap"))),
  ),
  "a snapshot by the inspector": ownProcess(reason, async () =>
    search(await post("HeapProfiler.takeHeapSnapshot")),
  ),
  "the sources by the inspector": ownProcess(reason, async () =>
    search(await post("Runtime.globalLexicalScopeNames")),
  ),
  "engine flags for native calls": ownProcess(reason, () => {
    v8.setFlagsFromString("--allow-natives-syntax");
    return search(`${new Function("return %GetOptimizationStatus(Object)")()}`);
  }),
});
