import { createRoute, z } from "@hono/zod-openapi";
import { json } from "./common.ts";

/** `GET /openapi.json`: the description of the API, made from this contract. */
export const getDocument = createRoute({
  method: "get",
  path: "/openapi.json",
  operationId: "getDocument",
  tags: ["meta"],
  summary: "This description",
  security: [],
  responses: { 200: json(z.looseObject({ openapi: z.string() }), "An OpenAPI 3.1 document.") },
});
