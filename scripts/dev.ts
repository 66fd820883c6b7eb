/**
 * Runs the server, and again whenever its code changes: `npm run dev -- --port 4000`. A restart is an ordinary stop, so
 * that nothing of the server before is left; the guest's files count too, which the host itself never imports. What the
 * browser gets is built anew first, if it is that which changed.
 */

import { watch } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dir, "..");
/** An editor saves several files at once, or one in several steps. */
const SETTLE_MS = 100;

let changed = Promise.withResolvers<void>();
let stopping = false;
let isWebOld = false;
let server = start();

for (const folder of ["bin", "src"]) {
  watch(join(ROOT, folder), { recursive: true }, (_, file) => {
    isWebOld ||= /^(?:web|val|wire|api\/contract)\//.test(file ?? "");
    changed.resolve();
  });
}
const stop = () => {
  stopping = true;
  changed.resolve();
};
// Ctrl-C reaches the server by itself: a terminal signals all of them.
for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, stop);
process.on("SIGTERM", () => {
  stop();
  server.kill("SIGTERM");
});

while (true) {
  await changed.promise;
  if (!stopping) {
    await Bun.sleep(SETTLE_MS);
    changed = Promise.withResolvers<void>();
    server.kill("SIGTERM");
  }
  const code = await server.exited;
  if (stopping) process.exit(code);
  if (isWebOld) await buildWeb();
  server = start();
}

/** A failure is said by the build itself; the one before stays. */
async function buildWeb(): Promise<void> {
  isWebOld = false;
  const command = [process.execPath, join(ROOT, "scripts/build.ts"), "--quick"];
  await Bun.spawn(command, { stdio: ["ignore", "inherit", "inherit"] }).exited;
}

function start() {
  const command = [join(ROOT, "bin/hamlet"), "serve", "--grace", "0s", ...process.argv.slice(2)];
  return Bun.spawn(command, { stdio: ["ignore", "inherit", "inherit"] });
}
