import { Database } from "bun:sqlite";
import { join } from "node:path";

/**
 * Hold a folder for this process alone; returns what lets go of it, or undefined when another process holds it.
 * The lock is the kernel's, on a database that stays empty: whatever way a process ends, it is gone with it.
 */
export function lockFolder(folder: string): (() => void) | undefined {
  const database = new Database(join(folder, "lock"), { create: true });
  try {
    database.run("pragma busy_timeout = 0");
    database.run("begin exclusive");
    return () => database.close();
  } catch (error) {
    database.close();
    if ((error as { code?: string }).code === "SQLITE_BUSY") return undefined;
    throw error;
  }
}
