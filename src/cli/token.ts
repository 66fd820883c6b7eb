import { SERVE_FLAGS } from "../config.ts";
import { HamletError } from "../errors.ts";
import { type Flag, text } from "../flags.ts";
import { parseScopes, SCOPES, type Scope } from "../val/scope.ts";
import { defineCommand } from "./command.ts";
import { withStore } from "./data.ts";

const scopes: Flag<readonly Scope[]> = {
  parse: (given) => {
    const parsed = parseScopes(given);
    return parsed && { value: parsed };
  },
  accepts: `any of ${SCOPES.join(", ")}, joined by commas`,
  fallback: SCOPES.join(","),
  shown: "all of them",
  help: `What it may do: ${SCOPES.join(", ")}.`,
};

export const tokenCreate = defineCommand({
  name: "token create",
  usage: "",
  summary: "Print another token of a user, once.",
  flags: {
    user: text("me", "a username", /^[\w-]+$/, { help: "Whose token it is." }),
    scopes,
    data: SERVE_FLAGS.data,
  },
  run: (flags, positionals, { out }) =>
    withStore(flags.data, { mustExist: true }, async (store) => {
      if (positionals.length > 0) throw new HamletError("config", "hamlet token create takes only flags.");
      const user = await store.users.findByName(flags.user);
      if (!user) throw new HamletError("config", `There is no user ${flags.user} in this data folder.`);
      if (user.type === "org") {
        throw new HamletError("config", `${user.username} is an organization. Tokens belong to people.`);
      }
      const { id, token } = await store.tokens.create({
        userId: user.id,
        label: "hamlet token create",
        scopes: flags.scopes,
      });
      const detail = { scopes: flags.scopes, by: "hamlet token create" };
      await store.audit.record({ userId: user.id, action: "token.create", subject: id, detail });
      out(JSON.stringify({ username: user.username, token }));
      return 0;
    }),
});
