import type { Context } from "hono";
import { BUILD_HEADER } from "../contract/common.ts";
import type { Env, Tools } from "./app.ts";
import { presentReport } from "./present.ts";
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

/** The same for an answer: its header tells the outcome, and what its body says of it is returned. */
export async function announceIn(
  c: Context<Env>,
  tools: Tools,
  valId: string,
  branchId: string,
): Promise<ReturnType<typeof presentReport>> {
  const report = await announce(tools, valId, branchId);
  if (report === undefined) return {};
  c.header(BUILD_HEADER, report.diagnostics.length > 0 ? "failed" : "ok");
  return presentReport(report);
}
