import { z } from "@hono/zod-openapi";
import { FILE_TYPES } from "../../val/file.ts";
import { createRoute } from "./access.ts";
import { dateTime, errors, json, limit, offset, optionalUuid, pageOf, uuid } from "./common.ts";
import { buildNotes, diagnosticSchema } from "./files.ts";

/** What was built of one trigger file. */
export const buildSchema = z
  .object({
    file: z.object({ id: uuid, path: z.string(), type: z.enum(FILE_TYPES) }),
    branch: z.object({ id: uuid, name: z.string() }),
    serving: z
      .object({ version: z.int().min(0), builtAt: dateTime, ...buildNotes })
      .nullable()
      .openapi({ description: "The last good build, which visitors meet, or the clock or a mail starts." }),
    failed: z
      .object({ version: z.int().min(0), failedAt: dateTime, diagnostics: z.array(diagnosticSchema) })
      .nullable()
      .openapi({ description: "A newer version that could not be built." }),
  })
  .openapi("Build");

/** `GET /v3/vals/{val_id}/builds`: which version of each trigger file is served, and what is wrong with a newer one. */
export const listBuilds = createRoute({
  method: "get",
  path: "/v3/vals/{val_id}/builds",
  operationId: "listBuilds",
  tags: ["builds"],
  summary: "Builds of a val",
  description:
    "For each file that something starts, be it a visitor, the clock or a mail: which version is served, and what is wrong with a newer one that could not be built.",
  request: {
    params: z.object({ val_id: uuid }),
    query: z.object({ limit, offset, branch_id: optionalUuid("Only of this branch.") }),
  },
  responses: { 200: json(pageOf(buildSchema), "A page of builds."), ...errors(400, 401, 403, 404) },
});

const status = z.enum(["ok", "failed", "superseded", "none"]).openapi({
  description:
    "`superseded`: a later version was built in its place; `none`: there was nothing to build, or nothing is known of it.",
});

/** What came of building one version. */
export const versionBuildSchema = z
  .object({
    version: z.int().min(0),
    branch: z.object({ id: uuid, name: z.string() }),
    status,
    ...buildNotes,
    diagnostics: z.array(diagnosticSchema),
    files: z.array(
      z.object({
        file: z.object({ id: uuid, path: z.string(), type: z.enum(FILE_TYPES) }),
        status,
        builtAt: dateTime.nullable(),
        ...buildNotes,
        diagnostics: z.array(diagnosticSchema),
      }),
    ),
  })
  .openapi("VersionBuild");

/** `GET /v3/vals/{val_id}/versions/{version}/builds`: whether a version could be built, and what was wrong. */
export const getVersionBuilds = createRoute({
  method: "get",
  path: "/v3/vals/{val_id}/versions/{version}/builds",
  operationId: "getVersionBuilds",
  tags: ["builds"],
  summary: "What came of building a version",
  description:
    "Of each file the last 50 builds are remembered. A save that comes while another is being built is built together with the ones after it.",
  request: {
    params: z.object({
      val_id: uuid,
      version: z
        .string()
        .regex(/^\d{1,9}$/, "must be a version")
        .transform(Number)
        .openapi({ type: "integer" }),
    }),
    query: z.object({ branch_id: optionalUuid("The branch; main unless told otherwise.") }),
  },
  responses: { 200: json(versionBuildSchema, "What is known."), ...errors(400, 401, 403, 404) },
});
