import { z } from "@hono/zod-openapi";
import { FILE_TYPES } from "../../val/file.ts";
import { PRIVACIES } from "../../val/visibility.ts";
import { createRoute } from "./access.ts";
import { dateTime, errors, json, limit, link, offset, optionalParam, pageOf, uuid } from "./common.ts";
import { userSchema } from "./users.ts";
import { valSchema } from "./vals.ts";

/** What can be searched for. */
export const SEARCH_KINDS = ["vals", "code", "users"] as const;

const query = z.string().min(1).max(512).openapi({
  description: 'Words that must all occur, without regard to case; `"words in quotes"` are one text.',
  example: "hello",
});

const ranges = z
  .array(z.tuple([z.int().min(0), z.int().min(0)]))
  .openapi({ description: "Where it matched: from the first up to, not including, the second character." });

const foundVal = z
  .object({
    kind: z.literal("val"),
    val: valSchema,
    likeCount: z.int().min(0),
    highlights: z.object({ name: ranges, description: ranges, username: ranges }),
  })
  .openapi("FoundVal");

const foundLine = z.object({
  line: z.int().min(1),
  text: z.string().openapi({ description: "The line, or a part of it when it is long." }),
  offset: z.int().min(0).openapi({ description: "How many characters of the line stand before that part." }),
  ranges,
});

const foundFile = z
  .object({
    kind: z.literal("code"),
    val: valSchema,
    file: z.object({
      id: uuid,
      path: z.string(),
      type: z.enum(FILE_TYPES),
      version: z.int().min(0),
      links: z.object({ self: link, html: link, module: link }),
    }),
    lines: z.array(foundLine).openapi({ description: "The first lines that matched, five at most." }),
  })
  .openapi("FoundFile");

const foundUser = z
  .object({ kind: z.literal("user"), user: userSchema, highlights: z.object({ username: ranges }) })
  .openapi("FoundUser");

/** One thing that was found. */
export const foundSchema = z
  .discriminatedUnion("kind", [foundVal, foundFile, foundUser])
  .openapi("Found", { discriminator: { propertyName: "kind" } });

/** `GET /v3/search`: public vals, and those of one's own accounts. */
export const search = createRoute({
  method: "get",
  path: "/v3/search",
  operationId: "search",
  tags: ["search"],
  summary: "Search vals, their code, and users",
  description:
    "Finds what the caller may see in lists: public vals, and all vals of their own accounts. The best matches come first: the exact name, then names that begin with it, then what is liked more, then what is newer. Code is that of the main branches, found a moment after it was saved. Only the latest few hundred matches are looked at.",
  request: {
    query: z.object({
      query,
      kind: optionalParam(z.enum(SEARCH_KINDS), {
        enum: SEARCH_KINDS,
        description: "What to search for; vals unless told otherwise.",
      }),
      limit,
      offset,
    }),
  },
  responses: { 200: json(pageOf(foundSchema), "A page of what was found."), ...errors(400, 401, 403) },
});

/** A val as the first version of Val Town's API had it: one file of code. */
export const basicValSchema = z
  .object({
    id: uuid,
    name: z.string(),
    version: z.int().min(0),
    code: z.string().nullable(),
    public: z.boolean(),
    createdAt: dateTime,
    updatedAt: dateTime,
    privacy: z.enum(PRIVACIES),
    type: z.enum(["interval", "http", "express", "email", "script", "rpc", "httpnext"]),
    url: link,
    links: z.object({ self: link, versions: link, module: link, endpoint: link.optional() }),
    author: z.object({ id: uuid, username: z.string().nullable() }).nullable(),
  })
  .openapi("BasicVal");

/** `GET /v1/search/vals`: as older clients call it. */
export const searchVals = createRoute({
  method: "get",
  path: "/v1/search/vals",
  operationId: "searchVals",
  tags: ["search"],
  summary: "Search vals by name and code, as older clients do",
  description:
    "Each val is told with the file that matched, or else with its first one that is called from outside. `exact` looks for the text as it is, `semantic` (the default) for all of its words.",
  deprecated: true,
  request: {
    query: z.object({
      query,
      searchType: optionalParam(z.enum(["exact", "semantic"]), {
        enum: ["exact", "semantic"],
        description: "How to read the query.",
      }),
      limit,
      offset,
    }),
  },
  responses: { 200: json(pageOf(basicValSchema), "A page of vals."), ...errors(400, 401, 403) },
});
