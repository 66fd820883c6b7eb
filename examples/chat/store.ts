import { sqlite } from "https://esm.town/v/std/sqlite/main.ts";

export interface Message {
  role: "user" | "assistant";
  content: string;
}

await sqlite.execute(`create table if not exists messages (
  id integer primary key, chat text not null, role text not null, content text not null
)`);
await sqlite.execute("create index if not exists messages_of_chat on messages (chat, id)");

/** Nobody guesses one: who knows it may read the chat. */
export function isChatId(id: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id);
}

/** From the first to the last. */
export async function readMessages(chat: string): Promise<Message[]> {
  const { rows } = await sqlite.execute({
    sql: "select role, content from messages where chat = ? order by id",
    args: [chat],
  });
  return rows as unknown as Message[];
}

export async function writeMessage(chat: string, { role, content }: Message): Promise<void> {
  await sqlite.execute({
    sql: "insert into messages (chat, role, content) values (?, ?, ?)",
    args: [chat, role, content],
  });
}
