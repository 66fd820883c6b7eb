export default async function(_req: Request): Promise<Response> {
  const res = await fetch("https://api.val.town/v1/me", {
    headers: { Authorization: `Bearer ${Deno.env.get("valtown")}` },
  });
  const { username, type } = await res.json();
  const anonymous = (await fetch("https://api.val.town/v1/me")).status;
  return Response.json({ username, type, status: res.status, anonymous });
}
