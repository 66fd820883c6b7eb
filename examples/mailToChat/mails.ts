import { blob } from "https://esm.town/v/std/blob/main.ts";
import { sqlite } from "https://esm.town/v/std/sqlite/main.ts";

/** What came with a mail; its bytes are a blob. */
export interface KeptFile {
  name: string;
  type: string;
  size: number;
}

/** A mail as it is shown. */
export interface Mail {
  id: string;
  sender: string;
  subject: string;
  text: string;
  /** Epoch milliseconds. */
  at: number;
  files: KeptFile[];
}

const MAX_TEXT = 20_000;

await sqlite.execute(`create table if not exists mails (
  id text primary key, sender text not null, subject text not null, text text not null, at integer not null, files text not null
)`);
await sqlite.execute("create index if not exists mails_by_time on mails (at)");

/** The files first: a mail that is there has all of its files. */
export async function keepMail(
  id: string,
  mail: { sender: string; subject: string; text: string; files: readonly File[] },
): Promise<void> {
  for (const [number, file] of mail.files.entries()) await blob.set(keyOf(id, number), file);
  const files = mail.files.map(({ name, type, size }): KeptFile => ({ name, type, size }));
  await sqlite.execute({
    sql: "insert or ignore into mails (id, sender, subject, text, at, files) values (?, ?, ?, ?, ?, ?)",
    args: [id, mail.sender, mail.subject, mail.text.slice(0, MAX_TEXT), Date.now(), JSON.stringify(files)],
  });
}

/** The last ones, the oldest of them first. */
export async function readMails(count: number): Promise<Mail[]> {
  const { rows } = await sqlite.execute({
    sql: "select * from mails order by at desc limit ?",
    args: [count],
  });
  return rows.map(toMail).reverse();
}

/** A file of a mail, to be streamed. */
export async function openFile(
  id: string,
  number: number,
): Promise<(KeptFile & { body: ReadableStream | null }) | undefined> {
  const { rows } = await sqlite.execute({ sql: "select * from mails where id = ?", args: [id] });
  const file = rows.map(toMail)[0]?.files[number];
  return file && { ...file, body: (await blob.get(keyOf(id, number))).body };
}

function toMail(row: Record<string, unknown>): Mail {
  return { ...(row as unknown as Mail), files: JSON.parse(row.files as string) };
}

function keyOf(id: string, number: number): string {
  return `mails/${id}/${number}`;
}
