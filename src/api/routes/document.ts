/** The description of the API, made from the same contract as the routes. */
import { getDocument, PARAMETERS, TAGS } from "../contract/document.ts";
import type { App } from "./app.ts";

type Document = ReturnType<App["document"]>;

const DESCRIPTION = `The REST interface of this town; that of Val Town where they overlap. Paths that begin with \`/v1\` or
\`/v2\` are Val Town's, and so are \`/v3/connections/…/token\`; the rest of \`/v3\` is Hamlet's own.

**Tokens** go into the header \`Authorization: Bearer …\`. What is public or unlisted can be read without one; what a token
may do is in its scopes, of which \`write\` includes \`read\`.

**Errors** have one shape, \`{ statusCode, error, message }\`. What may not be seen is answered like what does not exist.

**Lists** answer \`{ data, links }\`. Follow \`links.next\` as it is, until there is none.

**Saves** are answered once the new version is built and served, or once it is known why it cannot be: the header
\`x-hamlet-build\` says \`ok\` or \`failed\`, the body has the \`diagnostics\`.

**Rate limits**: \`RateLimit\` says what is left for a token, \`RateLimit-Policy\` what it gets. Beyond it the answer is 429, and
\`Retry-After\` says when to come again.

**Repeated requests**: a POST with an \`Idempotency-Key\` is done once, however often it is sent.

**Unknown fields** of a body are ignored; times are in UTC, ids are UUIDs.`;

/** As OpenAPI 3.1 has it; the types are of 3.0. */
const LICENSE = { name: "MIT", identifier: "MIT" };

const KEY_REFERENCE = { $ref: "#/components/parameters/IdempotencyKey" };

/** Adds `/openapi.json`; after all other routes, which it describes. */
export function addDocument(app: App): void {
  app.component("securitySchemes", "bearerAuth", {
    type: "http",
    scheme: "bearer",
    description:
      "A token of the account (33 characters that begin with `vtwn_`), an access token of OAuth (43 characters), or the one that a val finds in its environment. The scopes are those that a token needs. The app's own pages are known by their session instead.",
  });
  app.component("parameters", "IdempotencyKey", {
    name: "Idempotency-Key",
    in: "header",
    required: false,
    schema: { type: "string", minLength: 1, maxLength: 255 },
    example: "8e03978e-40d5-43e8-bc93-6894a57f9324",
    description:
      "Any text that no other request of this token has had within 24 hours. The same request with the same key is answered as it was the first time, with `idempotency-replayed: true`, and not done again; while the first one is being answered, or if its answer was lost with the server, the answer is 409; another request with the same key is refused with 422. A request that was refused leaves its key free.",
  });
  let document: Document | undefined;
  app.openapi(getDocument, (c) => {
    // None of it changes but the address.
    document ??= describe(app);
    return c.json({ ...document, servers: [{ url: c.get("links").api }] }, 200);
  });
}

function describe(app: App): Document {
  const document = app.document({
    openapi: "3.1.0",
    info: {
      title: "Hamlet",
      version: "1",
      description: DESCRIPTION,
      license: LICENSE,
    },
  });
  const operations = Object.values(document.paths ?? {}).flatMap((item) =>
    METHODS.flatMap((method) => item[method] ?? []),
  );
  const used = new Set(operations.flatMap(({ tags = [] }) => tags));
  // A town without one of the services has none of its routes.
  document.tags = TAGS.filter(([name]) => used.has(name)).map(([name, description]) => ({
    name,
    description,
  }));
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    for (const method of METHODS) {
      const operation = item[method];
      if (operation === undefined) continue;
      operation.responses = { ...refusals(429), ...operation.responses };
      for (const parameter of operation.parameters ?? [])
        if (!("$ref" in parameter)) parameter.description ??= PARAMETERS[parameter.name];
      // Whoever's it is may be removed meanwhile, the caller too.
      if (method !== "get") operation.responses = { ...refusals(404), ...operation.responses };
      if (method !== "post" || WITHOUT_KEYS.test(path)) continue;
      operation.parameters = [...(operation.parameters ?? []), KEY_REFERENCE];
      operation.responses = { ...refusals(409, 422), ...operation.responses };
    }
  }
  return document;
}

const METHODS = ["get", "post", "put", "patch", "delete"] as const;
/** Their bodies flow, or are larger than what is read twice. */
const WITHOUT_KEYS = /\/(blob|sqlite)(\/|$)|\/import$/;

const REFUSALS = {
  404: "What it is about has just been removed.",
  409: "What there is already is in the way, or a request with this Idempotency-Key is under way or lost.",
  422: "It cannot be done, or this Idempotency-Key was used for another request.",
  429: "Too many requests in a short time; `retry-after` says when to come again.",
} as const;

function refusals(...statuses: (keyof typeof REFUSALS)[]) {
  const schema = { $ref: "#/components/schemas/Error" };
  const content = { "application/json": { schema } };
  return Object.fromEntries(statuses.map((status) => [status, { description: REFUSALS[status], content }]));
}
