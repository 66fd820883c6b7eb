// A web page by a language model, seen while it is being written
import { OpenAI } from "https://esm.town/v/std/openai";
import form from "./form.html" with { type: "text" };
import { unfence } from "./unfence.ts";

const openai = new OpenAI();

const TASK = `Answer with one complete HTML document and nothing else: no explanation, no Markdown.
Put all styles into a style element in the head. No scripts, no forms, nothing from other hosts.
Make it beautiful, responsive and accessible.`;

export default async function webgen(req: Request): Promise<Response> {
  const about = new URL(req.url).searchParams.get("about");
  if (!about) return new Response(form, { headers: { "content-type": "text/html; charset=utf-8" } });

  const { data: tokens, response } = await openai.chat.completions
    .create(
      {
        model: "gpt-5-nano",
        messages: [
          { role: "system", content: TASK },
          { role: "user", content: `A page about ${about}` },
        ],
        stream: true,
      },
      { signal: req.signal },
    )
    .withResponse();

  async function* page() {
    for await (const token of tokens) yield token.choices[0]?.delta?.content ?? "";
    if (response.headers.get("x-hamlet-model") === "demo") yield DEMO;
  }

  return new Response(ReadableStream.from(unfence(page())).pipeThrough(new TextEncoderStream()), {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      // Whatever a model writes may be looked at, and may do nothing else.
      "content-security-policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    },
  });
}

const DEMO = `\n<p style="all: revert; position: fixed; inset: auto 0 0; margin: 0; padding: .5rem 1rem; font: 1rem/1.4 system-ui;
  color: #222; background: #ffe9a8; text-align: center">By the demo model of this town; its operator can connect a real one.</p>\n`;
