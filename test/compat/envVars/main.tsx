import process from "node:process";

export default function (_req: Request) {
  const deno = Deno.env.get("GREETING");
  const node = process.env.GREETING;
  Deno.env.set("GREETING", "changed");
  return Response.json({
    deno,
    node,
    empty: Deno.env.get("EMPTY"),
    unset: Deno.env.get("NOT_SET") ?? null,
    afterSet: Deno.env.get("GREETING"),
  });
}
