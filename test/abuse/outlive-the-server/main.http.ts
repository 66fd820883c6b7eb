// Does all it can to be still there when the server has ended.
import { spawn } from "node:child_process";

function quietly(attempt: () => unknown): void {
  try {
    attempt();
  } catch {}
}

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR2"] as const) {
  quietly(() => Deno.addSignalListener(signal, () => {}));
}
process.on("exit", () => {
  for (;;);
});
globalThis.addEventListener("unload", () => {
  for (;;);
});
globalThis.addEventListener("beforeunload", (event) => event.preventDefault());
setInterval(() => {}, 10);
const stay = "Deno.addSignalListener('SIGTERM', () => {}); setInterval(() => {}, 1000)";
quietly(() => spawn("/deno/deno", ["eval", stay], { detached: true, stdio: "ignore" }).unref());
quietly(() =>
  new Deno.Command("/deno/deno", { args: ["eval", stay], stdin: "null", stdout: "null", stderr: "null" })
    .spawn()
    .unref(),
);

// Never ends: a graceful end would wait for it.
export default () =>
  new Response(new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array([46])) }));
