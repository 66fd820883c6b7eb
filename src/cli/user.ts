import { SERVE_FLAGS } from "../config.ts";
import { HamletError } from "../errors.ts";
import { optional, text } from "../flags.ts";
import { defineCommand } from "./command.ts";
import { withStore } from "./data.ts";

export const userAdd = defineCommand({
  name: "user add",
  usage: "NAME",
  summary: "Make a user and print a token.",
  flags: {
    email: optional(
      text("", "an e-mail address", /^[^\s@]+@[^\s@]+$/, { help: "The user's e-mail address." }),
      "",
    ),
    data: SERVE_FLAGS.data,
  },
  run: ({ email, data }, positionals, { out }) => {
    const [username] = positionals;
    if (!username || positionals.length !== 1) {
      throw new HamletError("config", "hamlet user add takes one name, such as ann.");
    }
    return withStore(data, { mustExist: false }, async (store) => {
      const user = await store.users.create({ username, ...(email && { email }) });
      const { token } = await store.tokens.create({ userId: user.id });
      out(JSON.stringify({ username: user.username, token }));
      return 0;
    });
  },
});
