import ValTown from "npm:@valtown/sdk@2.1.0";

const vt = new ValTown();

export default async function (_req: Request) {
  const me = await vt.me.profile.retrieve();
  const val = await vt.alias.username.valName.retrieve(me.username!, "sdkSelf");
  const readme = await (await vt.vals.files.getContent(val.id, { path: "README.md" })).text();
  const files = await Array.fromAsync(vt.vals.files.retrieve(val.id, { path: "", recursive: true, limit: 1, offset: 0 }));
  return Response.json({ me: me.username, name: val.name, readme, files: files.map((f) => f.path).sort() });
}
