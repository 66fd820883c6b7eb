import { sqlite } from "https://esm.town/v/std/sqlite/main.ts";

await sqlite.execute(`create table if not exists kv(
  key text unique,
  value text
)`);

export default async function (req: Request): Promise<Response> {
  const key = new URL(req.url).pathname.slice(1);
  if (req.method === "PUT") {
    await sqlite.execute({
      sql: `insert into kv(key, value) values (:key, :value) on conflict(key) do update set value = excluded.value`,
      args: { key, value: await req.text() },
    });
    return new Response("ok");
  }
  if (!key) {
    const { rows } = await sqlite.execute("select * from kv order by key");
    return Response.json(rows);
  }
  const result = await sqlite.execute({ sql: `select value from kv where key = ?`, args: [key] });
  if (result.rows.length === 0) return new Response("not found", { status: 404 });
  return new Response(result.rows[0].value as string);
}
