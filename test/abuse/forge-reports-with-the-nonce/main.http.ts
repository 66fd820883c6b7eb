// Finds the nonce in a picture of its own memory, which nothing can prevent, and speaks for the guest.
import v8 from "node:v8";

const utf8 = new TextEncoder();
const text = (await Array.fromAsync(v8.getHeapSnapshot())).join("");
const candidates = new Set(text.match(/\b[0-9a-f]{32}\b/g) ?? []);

async function report(fields: object): Promise<void> {
  for (const nonce of candidates)
    await Deno.stdout.write(utf8.encode(`${nonce} ${JSON.stringify(fields)}\n`));
}

export default async function forge(request: Request): Promise<Response> {
  const { searchParams } = new URL(request.url);
  const trace = searchParams.get("trace") ?? "";
  await report({ kind: "log", level: "error", time: Date.now(), trace, text: "forged-with-nonce" });
  await report({ kind: "log", level: "error", time: 0, trace, text: "forged-in-the-past" });
  await report({ kind: "log", level: "fatal", time: 1e308, trace: "../x", text: "forged-fields" });
  await report({ kind: "pong", id: Number.MAX_SAFE_INTEGER });
  await report({ kind: "ready" });
  await report({ kind: "loaded" });
  await report({ kind: "failed", message: "forged-failure" });
  await report({ kind: "unheard-of", __proto__: null, constructor: { prototype: {} } });
  return new Response(`forged with ${candidates.size} candidates`);
}
