// Sends mails in others' names, with headers of its own making, and to whom nobody asked for.
import { anyOf, ask, attack } from "./attempt.ts";

const send = (mail: unknown) =>
  ask("/v1/email", {
    method: "POST",
    body: JSON.stringify(mail),
    headers: { "content-type": "application/json" },
  });
const breaks = ["\r\n", "\n", "\r", "\u0000", "\u2028", "\u0085", "\v"];

export default attack({
  "from another user": ({ victim: { username } }) =>
    anyOf(
      [
        `${username}@localhost`,
        `${username}.diary@localhost`,
        `${username.toUpperCase()}.diary@LOCALHOST`,
        `notifications@evil.example`,
        `root@localhost`,
        `tester@localhost`,
        `tester.@victim.localhost@localhost`,
        `<${username}.diary@localhost>`,
        `x <${username}.diary@localhost>`,
        `tester.x@localhost, ${username}.diary@localhost`,
        `tester.x@localhost <${username}.diary@localhost>`,
        `"tester.x@localhost" <${username}.diary@localhost>`,
      ],
      (from) =>
        anyOf([from, { email: from }], (written) =>
          send({ from: written, to: "a@example.com", subject: "s", text: "t" }),
        ),
    ),
  "a header by a line break": () =>
    anyOf(breaks, (br) =>
      anyOf(
        [
          { subject: `s${br}Bcc: b@example.com` },
          { to: `a@example.com${br}Bcc: b@example.com` },
          { to: { email: "a@example.com", name: `n${br}Bcc: b@example.com` } },
          { from: { email: "tester.x@localhost", name: `n${br}Bcc: b@example.com` } },
          { replyTo: `a@example.com${br}Bcc: b@example.com` },
          { headers: { "x-a": `v${br}Bcc: b@example.com` } },
          { headers: { [`x-a${br}Bcc`]: "b@example.com" } },
          { attachments: [{ content: "", filename: `f${br}Bcc: b@example.com` }] },
          { attachments: [{ content: "", filename: "f", type: `text/plain${br}Bcc: b@example.com` }] },
          { attachments: [{ content: "", filename: "f", disposition: `inline${br}Bcc: b@example.com` }] },
          { attachments: [{ content: "", filename: "f", contentId: `c${br}Bcc: b@example.com` }] },
        ],
        async (part) => {
          // Separators of lines that no mail program takes for one may stay in a subject.
          if (/[\u2028\u0085\v]/.test(br)) throw new Error("no line break of mails");
          return await send({ to: "a@example.com", subject: "s", text: "t", ...part });
        },
      ),
    ),
  "a header that is not for the sender to write": () =>
    anyOf(
      [
        "From",
        "from",
        "Sender",
        "Bcc",
        "Received",
        "DKIM-Signature",
        "Return-Path",
        "Message-ID",
        "Content-Type",
        "Resent-From",
        "Subject",
        "To ",
      ],
      (name) => send({ to: "a@example.com", subject: "s", text: "t", headers: { [name]: "x@example.com" } }),
    ),
  "a file of the host attached": (town) =>
    anyOf(
      [
        { filename: "f", path: town.files.text },
        { filename: "f", href: `http://127.0.0.1:${town.tcp}/` },
        { filename: "f", content: { path: town.files.text } },
        { filename: "f", raw: { path: town.files.text } },
      ],
      async (attachment) => {
        await send({
          to: "a@example.com",
          subject: "s",
          text: { path: town.files.text },
          attachments: [attachment],
        });
        return await ask("/v3/mails?limit=1&offset=0");
      },
    ),
});
