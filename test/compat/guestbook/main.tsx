import { sqlite } from "https://esm.town/v/std/sqlite?v=6";

const TABLE = "guestbook_3";
await sqlite.batch([
  `create table if not exists ${TABLE} (id integer primary key autoincrement, name text, message text)`,
]);

const escape = (s: string) => s.replace(/[<>&"]/g, (c) => `&#${c.charCodeAt(0)};`);

// rows are arrays: turn them into objects
function toObjects({ columns, rows }: { columns: string[]; rows: any }) {
  return rows.map((row: any) => Object.fromEntries(columns.map((key, i) => [key, row[i]])));
}

export default async function(req: Request): Promise<Response> {
  const { pathname } = new URL(req.url);
  if (req.method === "POST") {
    const form = await req.formData();
    await sqlite.execute({
      sql: `insert into ${TABLE} (name, message) values (?, ?)`,
      args: [String(form.get("name")), String(form.get("message"))],
    });
    return new Response(null, { status: 303, headers: { Location: "/" } });
  }
  if (pathname === "/raw") {
    const { columns, rows } = await sqlite.execute(`select id, name from ${TABLE}`);
    return Response.json({ columns, rows });
  }
  const entries = toObjects(await sqlite.execute(`select * from ${TABLE} order by id desc`));
  const [[count]] = (await sqlite.execute(`select count(*) from ${TABLE}`)).rows as any;
  return new Response(
    `<ul>${entries.map((e: any) => `<li><b>${escape(e.name)}</b>: ${escape(e.message)}</li>`).join("")}</ul>
    <p>${count} entries</p>`,
    { headers: { "Content-Type": "text/html" } },
  );
}
