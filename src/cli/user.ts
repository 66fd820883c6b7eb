import { hashPassword, passwordProblem } from "../auth/auth.ts";
import { SERVE_FLAGS } from "../config.ts";
import { HamletError } from "../errors.ts";
import { optional, text } from "../flags.ts";
import type { Store } from "../store/store.ts";
import { defineCommand } from "./command.ts";
import { withStore } from "./data.ts";
import { appOf } from "./welcome.ts";

const HOUR_MS = 60 * 60_000;

export const userAdd = defineCommand({
  name: "user add",
  usage: "NAME",
  summary: "Make a user and print a token.",
  flags: {
    email: optional(
      text("", "an e-mail address", /^[^\s@]+@[^\s@]+$/, { help: "The user's e-mail address." }),
      "",
    ),
    password: optional(
      text("", "a password of 8 characters at least", /^.{8,256}$/, {
        help: "A password to sign in with. Better as a variable than as a flag, which other processes can read.",
        secret: true,
      }),
      "none; `hamlet user password` makes a link that sets one",
    ),
    data: SERVE_FLAGS.data,
  },
  run: ({ email, password, data }, positionals, { out }) => {
    const [username] = positionals;
    if (!username || positionals.length !== 1) {
      throw new HamletError("config", "hamlet user add takes one name, such as ann.");
    }
    const problem = password === undefined ? undefined : passwordProblem(password);
    if (problem !== undefined) throw new HamletError("config", problem);
    return withStore(data, { mustExist: false }, async (store) => {
      const user = await addUser(store, username, email, password);
      const { id, token } = await store.tokens.create({ userId: user.id, label: "hamlet user add" });
      const deed = { userId: user.id, detail: { by: "hamlet user add" } };
      await store.audit.record({ ...deed, action: "account.create" });
      await store.audit.record({ ...deed, action: "token.create", subject: id });
      out(JSON.stringify({ username: user.username, token }));
      return 0;
    });
  },
});

async function addUser(store: Store, username: string, email?: string, password?: string) {
  const who = { username, ...(email !== undefined && { email }) };
  if (password === undefined) return store.users.create(who);
  return store.accounts.signUp({ ...who, passwordHash: await hashPassword(password) });
}

export const userPassword = defineCommand({
  name: "user password",
  usage: "NAME",
  summary: "Print a link with which the user sets a password, good once and for an hour.",
  flags: {
    data: SERVE_FLAGS.data,
    port: { ...SERVE_FLAGS.port, help: "Port in the link, when no server runs on the data folder." },
    domain: { ...SERVE_FLAGS.domain, help: "Host in the link, when no server runs on the data folder." },
    publicUrl: { ...SERVE_FLAGS.publicUrl, help: "Begin the link with this instead." },
  },
  run: ({ data, ...flags }, positionals, { out }) => {
    const [username] = positionals;
    if (!username || positionals.length !== 1) {
      throw new HamletError("config", "hamlet user password takes one name, such as me.");
    }
    return withStore(data, { mustExist: true }, async (store) => {
      const user = await store.users.findByName(username);
      if (user?.type !== "user")
        throw new HamletError("config", `There is no user ${username} in this data folder.`);
      const secret = await store.accounts.makeLink({ kind: "password", userId: user.id, lastsMs: HOUR_MS });
      const detail = { by: "hamlet user password" };
      await store.audit.record({ userId: user.id, action: "password.ask", detail });
      out(`${await appOf({ data, ...flags })}/auth/reset?token=${secret}`);
      return 0;
    });
  },
});
