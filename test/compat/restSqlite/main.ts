import { API_URL } from "https://esm.town/v/std/API_URL";

const headers = { Authorization: `Bearer ${Deno.env.get("valtown")}`, "Content-Type": "application/json" };

export default async () => {
  const { columns, rows } = await fetch(`${API_URL}/v1/sqlite/execute`, {
    method: "POST",
    headers,
    body: JSON.stringify({ statement: "SELECT 1 + 1 AS two" }),
  }).then((r) => r.json());
  await fetch(`${API_URL}/v1/blob/restSqlite`, { method: "POST", headers, body: "by hand" });
  const blob = await fetch(`${API_URL}/v1/blob/restSqlite`, { headers }).then((r) => r.text());
  return Response.json({ columns, rows, blob });
};
