import { z } from "npm:zod@3.24.1";

const Person = z.object({
  name: z.string().min(1),
  age: z.number().int().positive(),
});

export default async function(req: Request): Promise<Response> {
  const parsed = Person.safeParse(await req.json());
  if (!parsed.success) return Response.json({ errors: parsed.error.issues }, { status: 400 });
  const { name, age } = parsed.data;
  return Response.json({ hello: name, nextYear: age + 1 });
}
