import { blob } from "https://esm.town/v/std/blob";

export default async function(req: Request) {
  const url = new URL(req.url);
  if (req.method === "POST") {
    const form = await req.formData();
    const photo = form.get("photo") as File;
    await blob.set(`photos/${photo.name}`, photo);
    return Response.json({ title: form.get("title"), name: photo.name, type: photo.type, size: photo.size });
  }
  const [, name] = url.pathname.match(/^\/photo\/(.+)$/) ?? [];
  if (name) {
    const photo = await blob.get(`photos/${name}`);
    return new Response(photo.body, { headers: { "Content-Type": "image/png" } });
  }
  return new Response(`<form method="post" enctype="multipart/form-data"><input type="file" name="photo"></form>`, {
    headers: { "Content-Type": "text/html" },
  });
}
