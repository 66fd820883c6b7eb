// ASCII video of four cameras. Watch with curl -N
import { CAMERAS } from "./cameras.ts";
import { drawFrame } from "./frame.ts";
import page from "./page.html" with { type: "text" };

const FRAME_MS = 1000 / 15;
const TURN_MS = 8000;
const CLEAR = "\x1b[2J";
const HOME = "\x1b[H";

export default function asciiCameras(req: Request): Response {
  const { pathname, searchParams } = new URL(req.url);
  const name = pathname.slice(1);
  if (name === "" && req.headers.get("accept")?.includes("text/html")) {
    return new Response(page, { headers: { "content-type": "text/html; charset=utf-8" } });
  }
  if (name !== "" && !Object.hasOwn(CAMERAS, name)) {
    return new Response(`There is no camera ${name}, but: ${Object.keys(CAMERAS).join(", ")}\n`, {
      status: 404,
    });
  }

  const width = Math.min(200, Math.max(20, Number(searchParams.get("width")) || 80));
  const utf8 = new TextEncoder();
  const start = performance.now();
  let frames = 0;

  const video = new ReadableStream<Uint8Array>({
    async pull(controller) {
      // By the clock, not by pauses added up; who reads too slowly misses frames, and no time.
      frames = Math.max(frames + 1, Math.floor((performance.now() - start) / FRAME_MS));
      await new Promise((resolve) => setTimeout(resolve, start + frames * FRAME_MS - performance.now()));
      const now = Date.now();
      const camera = name || inTurn(now);
      const frame = drawFrame(CAMERAS[camera]!, width, now / 1000);
      const title = `${camera} · ${new Date(now).toISOString().slice(11, 23)}`.padEnd(width);
      controller.enqueue(utf8.encode(`${frames === 1 ? CLEAR : ""}${HOME}${title}\n${frame}`));
    },
  });

  return new Response(video, {
    headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
  });
}

function inTurn(now: number): string {
  const names = Object.keys(CAMERAS);
  return names[Math.floor(now / TURN_MS) % names.length]!;
}
