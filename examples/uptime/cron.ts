import { httpEndpoint } from "https://esm.town/v/std/utils/index.ts";
import { type Check, record } from "./checks.ts";

const PATIENCE_MS = 10_000;

/** Looks whether each site answers, all at once. */
export default async function look(): Promise<void> {
  const checks = await Promise.all((await sites()).map(check));
  await record(checks);
  for (const { url, ok, status, ms } of checks)
    console.log(`${ok ? "up" : "down"} ${url} ${status || "no answer"} ${ms} ms`);
}

/** Those in the variable `SITES` of this val's environment, with spaces between them; without it, the page of this val. */
async function sites(): Promise<string[]> {
  const own = Deno.env.get("SITES")?.split(/\s+/).filter(Boolean) ?? [];
  return own.length > 0 ? own : [await httpEndpoint("main.ts")];
}

async function check(url: string): Promise<Check> {
  const start = performance.now();
  const at = Date.now();
  const took = () => Math.round(performance.now() - start);
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) });
    await response.body?.cancel();
    return { url, at, ok: response.status < 400, status: response.status, ms: took() };
  } catch (error) {
    // What `fetch` says itself is only that it failed; why is in the cause.
    console.error(String((error as Error).cause ?? error));
    return { url, at, ok: false, status: 0, ms: took() };
  }
}
