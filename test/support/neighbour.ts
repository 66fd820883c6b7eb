/** A well-behaved val beside a misbehaving one, with a stream in flight to tell whether it noticed. */

import type { TestHamlet, TestVal } from "./server.ts";

export interface Neighbour {
  readonly val: TestVal;
  /** Opens a stream; resolves once it flows. */
  watch(): Promise<Watch>;
}

export interface Watch {
  /** Ends the stream and throws unless every tick of it came, from the process that served at first. */
  expectUntouched(): Promise<void>;
}

const SOURCE = `
const self = crypto.randomUUID();
const ended = new Set<string>();
const utf8 = new TextEncoder();

export default function neighbour(request: Request): Response {
  const { pathname, search } = new URL(request.url);
  if (pathname === "/end") ended.add(search);
  if (pathname !== "/stream") return new Response(self);
  let tick = 0;
  return new Response(new ReadableStream({
    async pull(controller) {
      if (tick > 0) await new Promise((resolve) => setTimeout(resolve, 20));
      if (ended.delete(search)) controller.enqueue(utf8.encode("end\\n")), controller.close();
      else controller.enqueue(utf8.encode(\`\${tick++}\\n\`));
    },
  }));
}
`;

/** Saves it and calls it once. */
export async function startNeighbour(hamlet: TestHamlet): Promise<Neighbour> {
  const val = await hamlet.val("neighbour", SOURCE);
  const ask = async (path: string) => (await hamlet.fetch(val, path)).text();
  const self = await ask("/");
  let watches = 0;
  return {
    val,
    async watch() {
      const query = `?${++watches}`;
      const stream = await hamlet.fetch(val, `/stream${query}`);
      const text = read(stream);
      await text.begun;
      return {
        async expectUntouched() {
          const now = await ask(`/end${query}`);
          const ticks = (await text.whole).split("\n");
          const isWhole = ticks.slice(0, -2).every((tick, index) => tick === `${index}`);
          if (!isWhole || ticks.at(-2) !== "end")
            throw new Error(`The neighbour's stream broke off: ${ticks.slice(-3)}`);
          if (now !== self) throw new Error("The neighbour is another process than it was.");
        },
      };
    },
  };
}

function read(stream: Response): { begun: Promise<void>; whole: Promise<string> } {
  const { promise: begun, resolve } = Promise.withResolvers<void>();
  const collect = async () => {
    const decoder = new TextDecoder();
    let text = "";
    for await (const chunk of stream.body!) {
      text += decoder.decode(chunk, { stream: true });
      resolve();
    }
    return text;
  };
  const whole = collect().catch((error) => `${error}`);
  return { begun, whole };
}
