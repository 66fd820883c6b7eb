import { invokeFile, runFile } from "../contract/runs.ts";
import { readable, viewerOf, writable } from "./access.ts";
import type { App, Tools } from "./app.ts";
import { callEndpoint } from "./invoke.ts";
import { answerTestMail, testTarget } from "./mails-in.ts";
import { ApiError, SCOPE_MISSING } from "./problem.ts";
import { answerRun } from "./run-answer.ts";
import type { Runs } from "./types.ts";

export function addRunRoutes(app: App, tools: Tools): void {
  const { store, runs } = tools;
  app.openapi(runFile, async (c) => {
    const val = await writable(c, store, c.req.valid("param").val_id);
    const { path, branchId, version } = c.req.valid("json");
    const what = { valId: val.id, path, branchId, version };
    return answerRun(c, (heard) => runsOf(runs).run({ ...what, ...heard }));
  });

  app.openapi(invokeFile, async (c) => {
    const file = await store.files.find(c.req.valid("param").file_id);
    if (file === undefined) throw new ApiError(404, "File not found");
    const val = await readable(c, store.vals.find(file.valId), "File not found");
    viewerOf(c);
    const label = file.labels[0];
    if (file.type === "http" && label !== undefined) {
      return c.json(await callEndpoint(c, runsOf(runs), label, c.req.valid("json")), 200);
    }
    if (!viewerOf(c).permits("val:write")) throw new ApiError(403, SCOPE_MISSING);
    await writable(c, store, val.id);
    const { path, branchId } = file;
    const { email } = c.req.valid("json");
    if (file.type === "email" && email !== undefined)
      return answerTestMail(c, tools, testTarget(c, file, val), email);
    const what = { valId: val.id, path, branchId, version: undefined };
    return answerRun(c, (heard) => runsOf(runs).run({ ...what, ...heard }));
  });
}

function runsOf(runs: Runs | undefined): Runs {
  if (runs === undefined) throw new ApiError(503, "This town starts no vals");
  return runs;
}
