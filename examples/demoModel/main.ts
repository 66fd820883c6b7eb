// A model without a key or a network: its answers are made up
import { answerChat } from "./chat.ts";
import { answerResponse } from "./responses.ts";

const MODEL = { id: "demo", object: "model", created: 0, owned_by: "hamlet" };

const about = `This val speaks OpenAI's protocol and always answers the same to the same prompt.
Vals reach it through std/openai for as long as the operator of this town has not chosen a real model.

  GET  /models
  POST /chat/completions
  POST /responses
`;

export default async function demoModel(req: Request): Promise<Response> {
  const path = new URL(req.url).pathname.replace(/^\/v1(?=\/)/, "");
  const answer = { "/chat/completions": answerChat, "/responses": answerResponse }[path];
  if (answer !== undefined && req.method === "POST") {
    const body = await req.json().catch(() => undefined);
    return typeof body === "object" && body !== null ? answer(body) : refuse(400, "Send a JSON object.");
  }
  if (req.method === "GET" && path === "/") return new Response(about);
  if (req.method === "GET" && path === "/models") return Response.json({ object: "list", data: [MODEL] });
  if (req.method === "GET" && path.startsWith("/models/")) return Response.json(MODEL);
  return refuse(404, `The demo model does not know ${req.method} ${path}.`);
}

function refuse(status: number, message: string): Response {
  const error = { message, type: "invalid_request_error", param: null, code: null };
  return Response.json({ error }, { status });
}
