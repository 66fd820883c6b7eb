import { z } from "@hono/zod-openapi";
import { MAX_VARIABLE, MAX_VARIABLE_DESCRIPTION, VARIABLE_KEY } from "../../val/environment.ts";
import { createRoute } from "./access.ts";
import { body, dateTime, errors, json, limit, offset, pageOf, uuid } from "./common.ts";

/** A variable of a val. Its value is never told. */
export const variableSchema = z
  .object({
    key: z.string(),
    description: z.string().nullable(),
    createdAt: dateTime,
    updatedAt: dateTime.nullable(),
  })
  .openapi("EnvironmentVariable");

const value = z.string().max(MAX_VARIABLE).openapi({ example: "Good morning" });
const description = z.string().max(MAX_VARIABLE_DESCRIPTION).nullish();

/** A new variable. */
export const newVariableSchema = z
  .object({
    key: z
      .string()
      .min(1)
      .max(MAX_VARIABLE)
      .regex(VARIABLE_KEY, "must consist of letters, digits and _, and not begin with a digit")
      .openapi({ example: "GREETING" }),
    value,
    description,
  })
  .openapi("NewEnvironmentVariable");

/** A new value; a description that is missing stays. */
export const variableChangeSchema = z.object({ value, description }).openapi("EnvironmentVariableChange");

const params = z.object({ val_id: uuid });
const keyed = params.extend({ key: z.string() });
const BASE = "/v2/vals/{val_id}/environment_variables";

/** `GET /v2/vals/{val_id}/environment_variables`: by name, without values. For the val's owner alone. */
export const listVariables = createRoute({
  method: "get",
  path: BASE,
  operationId: "listEnvironmentVariables",
  tags: ["environment variables"],
  summary: "Names of a val's environment variables",
  description: "For those who may change the val. Values are never told, not even to them.",
  request: { params, query: z.object({ limit, offset }) },
  responses: { 200: json(pageOf(variableSchema), "A page of variables."), ...errors(400, 401, 403, 404) },
});

/** `POST /v2/vals/{val_id}/environment_variables`: the val's workers start anew with it. */
export const createVariable = createRoute({
  method: "post",
  path: BASE,
  operationId: "createEnvironmentVariable",
  tags: ["environment variables"],
  summary: "Make an environment variable",
  description: "The val's workers start anew with it.",
  request: { params, body: body(newVariableSchema) },
  responses: {
    201: json(variableSchema, "The new variable."),
    ...errors(400, 401, 403, 404, 409, 413, 415),
  },
});

/** `PUT /v2/vals/{val_id}/environment_variables/{key}`: the val's workers start anew with it. */
export const updateVariable = createRoute({
  method: "put",
  path: `${BASE}/{key}`,
  operationId: "updateEnvironmentVariable",
  tags: ["environment variables"],
  summary: "Change an environment variable",
  description:
    "The val's workers start anew with it. A description that is left out stays. Answered with 201, as Val Town does.",
  request: { params: keyed, body: body(variableChangeSchema) },
  responses: {
    201: json(variableSchema, "The variable after the change."),
    ...errors(400, 401, 403, 404, 413, 415),
  },
});

/** `DELETE /v2/vals/{val_id}/environment_variables/{key}`: the val's workers start anew without it. */
export const deleteVariable = createRoute({
  method: "delete",
  path: `${BASE}/{key}`,
  operationId: "deleteEnvironmentVariable",
  tags: ["environment variables"],
  summary: "Delete an environment variable",
  description: "The val's workers start anew without it.",
  request: { params: keyed },
  responses: { 204: { description: "It is gone." }, ...errors(400, 401, 403, 404) },
});
