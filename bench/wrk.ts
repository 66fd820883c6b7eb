export interface Load {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Whether the load tool is installed. */
export function hasWrk(): boolean {
  return Bun.which("wrk") !== null;
}

/** 32 kept-alive connections from one thread. Throws when any answer was not 2xx or any connection failed. */
export async function runWrk(port: number, host: string, seconds: number): Promise<Load> {
  const command = ["wrk", "-t1", "-c32", `-d${seconds}s`, "--latency", "-H", `Host: ${host}`];
  const child = Bun.spawn([...command, `http://127.0.0.1:${port}/`], { stdout: "pipe" });
  const text = await new Response(child.stdout).text();
  const failed = text.match(/Non-2xx.*|Socket errors.*/)?.[0];
  if (failed) throw new Error(`wrk on ${host}: ${failed}`);
  return {
    requests: Number(text.match(/(\d+) requests in/)?.[1]),
    perSecond: Number(text.match(/Requests\/sec:\s+([\d.]+)/)?.[1]),
    p50Ms: toMs(text.match(/50%\s+([\d.]+\w+)/)?.[1]),
    p99Ms: toMs(text.match(/99%\s+([\d.]+\w+)/)?.[1]),
  };
}

function toMs(text = ""): number {
  const scale = text.endsWith("us") ? 0.001 : text.endsWith("ms") ? 1 : 1000;
  return Number.parseFloat(text) * scale;
}
