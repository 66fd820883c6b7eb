/** How the town is, for its operator. Hamlet's own route. Safe to load in a browser. */
import { z } from "@hono/zod-openapi";
import { createRoute } from "./access.ts";
import { errors, json, uuid } from "./common.ts";

const bytes = z.int().min(0);

/** Processes and disk, at this moment. */
export const townStateSchema = z
  .object({
    workers: z.object({
      blank: z.int().openapi({ description: "Started ahead, without a val." }),
      starting: z.int(),
      warm: z.int(),
      list: z.array(
        z.object({
          id: z.string(),
          val: z
            .object({ id: uuid, username: z.string(), name: z.string(), version: z.int() })
            .nullable()
            .openapi({ description: "Whose it is for life." }),
          calls: z.int().openapi({ description: "That it is answering now." }),
          memoryBytes: bytes,
          draining: z.boolean().openapi({ description: "It takes no more calls, and ends after those." }),
        }),
      ),
    }),
    jobs: z
      .object({
        queued: z.int(),
        running: z.int(),
        dead: z.int().openapi({ description: "That their owners have to look after." }),
        vals: z
          .array(
            z.object({
              val: z.object({ id: uuid, username: z.string(), name: z.string() }),
              queued: z.int(),
              running: z.int(),
              dead: z.int(),
            }),
          )
          .openapi({ description: "The vals with the most of them, at most 100." }),
      })
      .openapi({ description: "What the clock and mails start." }),
    memory: z.object({
      serverBytes: bytes.openapi({ description: "Of the server's own process." }),
      workersBytes: bytes,
      freeBytes: bytes.openapi({ description: "Of the machine." }),
      totalBytes: bytes,
    }),
    disk: z
      .object({
        freeBytes: bytes,
        totalBytes: bytes,
        parts: z
          .array(z.object({ name: z.string().openapi({ example: "blobs" }), bytes }))
          .nullable()
          .openapi({
            description:
              "Of the data folder, a minute old at most. Null at first: it is being looked at, ask again.",
          }),
        partial: z.boolean().openapi({ description: "Whether there are more files than were looked at." }),
      })
      .openapi({ description: "Of the file system on which the data folder lies." }),
  })
  .openapi("TownState");

/** `GET /v3/admin/town` */
export const getTownState = createRoute({
  method: "get",
  path: "/v3/admin/town",
  operationId: "getTownState",
  tags: ["admin"],
  summary: "Workers, jobs, memory and disk at this moment",
  description: "Which vals have a process, how much memory each takes, and what is left of the machine.",
  responses: { 200: json(townStateSchema, "How it is."), ...errors(401, 403) },
});
