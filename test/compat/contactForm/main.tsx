import { email } from "https://esm.town/v/std/email?v=12";

export default async function(req: Request): Promise<Response> {
  if (req.method === "POST") {
    const form = await req.formData();
    await email({
      subject: `Contact form: ${form.get("from")}`,
      text: String(form.get("message")),
      html: `<p>${form.get("message")}</p>`,
      replyTo: String(form.get("from")),
    });
    return new Response("Thanks!");
  }
  return new Response(`<form method="post"><input name="from"><textarea name="message"></textarea><button>Send</button></form>`, {
    headers: { "Content-Type": "text/html" },
  });
}
