// Checks a query against a schema.
import { z } from "npm:zod@3.24.1";

const schema = z.object({ name: z.string().min(1).default("you"), age: z.coerce.number().int().default(1) });

export default function check(req: Request): Response {
  return Response.json(schema.parse(Object.fromEntries(new URL(req.url).searchParams)));
}
