// A webhook that answers at once, and does the work later
import { waitUntil } from "https://esm.town/v/std/utils/index.ts";
import { begin, newest, note } from "./events.ts";
import { render } from "./page.ts";

/** How long the work takes, seconds; a sender of webhooks would give up long before. */
const LONGEST = 120;

export default async function webhook(req: Request): Promise<Response> {
  const url = new URL(req.url);
  if (req.method === "GET") {
    return new Response(render(await newest(), url.origin), {
      headers: {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
      },
    });
  }
  if (req.method !== "POST") return new Response("Send it with POST\n", { status: 405 });

  const seconds = Number(url.searchParams.get("seconds") ?? 5);
  if (!(seconds >= 0 && seconds <= LONGEST)) {
    return new Response(`?seconds= takes 0 to ${LONGEST}\n`, { status: 400 });
  }
  const id = await begin((await req.text()).slice(0, 1000));
  // The sender has its answer long before this has ended.
  waitUntil(work(id, seconds));
  return Response.json({ id, status: "accepted" }, { status: 202 });
}

async function work(id: number, seconds: number): Promise<void> {
  try {
    for (let step = 1; step <= 10; step++) {
      await new Promise((done) => setTimeout(done, seconds * 100));
      await note(id, step === 10 ? "done" : `${step * 10} %`);
    }
    console.log(`Event ${id} is done.`);
  } catch (error) {
    await note(id, `failed: ${error}`);
    throw error;
  }
}
