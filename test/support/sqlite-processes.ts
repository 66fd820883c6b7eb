/** The SQLite service with its real processes, but without walls around them. */

import { join } from "node:path";
import { createSqlite, type SqliteService } from "../../src/services/sqlite.ts";

/** Databases in a folder, served by at most one process, which starts with the first question. */
export function makeSqlite(folder: string): SqliteService {
  return createSqlite({
    folder: join(folder, "sqlite"),
    workers: 1,
    timeLimitMs: 5000,
    quotaBytes: 16 * 1024 * 1024,
    onDeath: (message) => console.error(message),
    start: ({ main, env }) => {
      const child = Bun.spawn([process.execPath, main], {
        env,
        stdin: "pipe",
        stdout: "pipe",
        stderr: "pipe",
      });
      return {
        write(data) {
          child.stdin.write(data);
          child.stdin.flush();
        },
        stdout: child.stdout,
        stderr: child.stderr,
        exited: child.exited,
        usage: () => undefined,
        kill: () => child.kill("SIGKILL"),
      };
    },
  });
}
