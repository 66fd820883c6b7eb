// Keeps large files: they stream in, and they stream out
import { blob } from "https://esm.town/v/std/blob/main.ts";
import page from "./page.html" with { type: "text" };

const FOLDER = "files/";

export default async function blobUpload(req: Request): Promise<Response> {
  const { pathname } = new URL(req.url);
  if (pathname === "/")
    return new Response(page, { headers: { "content-type": "text/html; charset=utf-8" } });
  if (pathname === "/files") return Response.json(await listFiles());

  const name = nameIn(pathname);
  if (!name) return new Response("Files are at /files/{name}.\n", { status: 404 });
  switch (req.method) {
    case "PUT":
      // The body is handed on as it comes; the val never holds more than a piece of it.
      await blob.set(FOLDER + name, req.body ?? "");
      return Response.json({ name }, { status: 201 });
    case "DELETE":
      await blob.delete(FOLDER + name);
      return new Response(null, { status: 204 });
    default:
      return await download(name);
  }
}

async function download(name: string): Promise<Response> {
  try {
    const { body, headers } = await blob.get(FOLDER + name);
    const length = headers.get("content-length");
    return new Response(body, {
      headers: {
        "content-type": "application/octet-stream",
        // Saved, not shown: a page that somebody uploads must not run with this val's address.
        "content-disposition": `attachment; filename*=UTF-8''${encodeURIComponent(name)}`,
        "x-content-type-options": "nosniff",
        ...(length && { "content-length": length }),
      },
    });
  } catch (error) {
    if ((error as Error).name !== "ValTownBlobNotFoundError") throw error;
    return new Response(`There is no file ${name}.\n`, { status: 404 });
  }
}

async function listFiles() {
  const files = await blob.list(FOLDER);
  return files.map(({ key, size, lastModified }) => ({ name: key.slice(FOLDER.length), size, lastModified }));
}

function nameIn(pathname: string): string | undefined {
  const [, encoded] = /^\/files\/([^/]+)$/.exec(pathname) ?? [];
  try {
    const name = encoded && decodeURIComponent(encoded);
    return name && name.length <= 200 ? name : undefined;
  } catch {
    return undefined;
  }
}
