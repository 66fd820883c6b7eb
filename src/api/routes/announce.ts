import type { Tools } from "./app.ts";
import type { BuildReport } from "./types.ts";

/**
 * Tell that a branch has a new version, and wait until it is served. The save itself is done: whatever goes wrong here
 * is reported, never thrown.
 */
export async function announce(
  { deploy, log }: Tools,
  valId: string,
  branchId: string,
): Promise<BuildReport | undefined> {
  try {
    return await deploy.saved(valId, branchId);
  } catch (error) {
    log?.error("A saved version could not be put into service.", { val: valId, branch: branchId, error });
    const message = "Hamlet itself failed to build this version. Save again, or tell the operator.";
    return { version: 0, diagnostics: [{ message }] };
  }
}
