import { blob } from "https://esm.town/v/std/blob/main.ts";

/** Called with each mail that comes; its address is under Triggers, where you can also send it one. */
export default async function receive(email: Email): Promise<void> {
  console.log(`${email.from} writes: ${email.subject ?? "(no subject)"}`);
  for (const file of email.attachments) console.log("With it came", file.name, file.size, "bytes");
  await blob.setJSON("last", { from: email.from, subject: email.subject ?? "", text: email.text ?? "" });
}
