/** A well-behaved val beside the attackers: it has a secret, and a stream that is open all the while. */

import type { TestHamlet, TestVal } from "../support/server.ts";

export interface Bait extends AsyncDisposable {
  readonly val: TestVal;
  /** Throws if `text` holds the bait's secret. */
  look(where: string, text: string): void;
  /** What happened to it that should not have: one sentence each. Ends its stream. */
  breaches(): Promise<string[]>;
}

const TICK_MS = 100;

const source = (secret: string) => `
const secret = ${JSON.stringify(secret)};
globalThis.secret = secret;
const scratch = Deno.env.get("TMPDIR") ?? "/tmp";
Deno.writeTextFileSync(scratch + "/secret", secret);
Deno.env.set("SECRET", secret);
try { localStorage.setItem("secret", secret); } catch {}
let calls = 0;
let over = false;

export default function bait(request: Request): Response {
  const { pathname } = new URL(request.url);
  if (pathname === "/ping") return new Response(null, { status: 204 });
  calls++;
  if (pathname === "/end") over = true;
  if (pathname !== "/stream") return Response.json({ calls, scratch: [...Deno.readDirSync(scratch)].map((entry) => entry.name) });
  let tick = 0;
  return new Response(new ReadableStream({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, ${TICK_MS}));
      if (over) controller.close();
      else controller.enqueue(new TextEncoder().encode(\`\${tick++}\\n\`));
    },
  }));
}
`;

/** Saves it and opens its stream. */
export async function plantBait(hamlet: TestHamlet): Promise<Bait> {
  const secret = `secret-${crypto.randomUUID()}`;
  const val = await hamlet.val("bait", source(secret));
  const leave = new AbortController();
  const stream = await hamlet.fetch(val, "/stream", { signal: leave.signal });
  if (stream.status !== 200) throw new Error(`The bait does not answer: ${await stream.text()}`);
  const streamed = stream.text().catch((error) => `the stream broke: ${error}`);
  const look = (where: string, text: string) => {
    if (text.includes(secret)) throw new Error(`${where} holds the bait's secret.`);
  };
  return {
    val,
    look,
    async breaches() {
      const answer = await hamlet.fetch(val, "/end");
      const { calls, scratch } = (await answer.json()) as { calls: number; scratch: string[] };
      const ticks = (await streamed).trimEnd().split("\n");
      const isWhole = ticks.length > 1 && ticks.every((tick, index) => tick === `${index}`);
      return [
        ...(calls === 2 ? [] : [`the bait was called ${calls} times instead of twice`]),
        ...(scratch.join() === "secret" ? [] : [`the bait's scratch folder holds ${scratch}`]),
        ...(isWhole ? [] : [`the bait's stream was ${ticks.slice(-3)}`]),
      ];
    },
    async [Symbol.asyncDispose]() {
      leave.abort();
      await streamed;
    },
  };
}
