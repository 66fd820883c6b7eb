import crypto from "node:crypto";
import { Buffer } from "node:buffer";

function verify(body: string, signature: string | null): boolean {
  if (!signature) return false;
  const digest = "sha256=" + crypto.createHmac("sha256", Deno.env.get("WEBHOOK_SECRET")!).update(body).digest("hex");
  const a = Buffer.from(digest);
  const b = Buffer.from(signature);
  return a.length === b.length && crypto.timingSafeEqual(a, b);
}

export const githubWebhook = async (req: Request) => {
  const body = await req.text();
  if (!verify(body, req.headers.get("X-Hub-Signature-256"))) {
    return new Response("Unauthorized", { status: 401 });
  }
  const event = JSON.parse(body);
  return Response.json({ received: `${event.action} #${event.number}` });
};
