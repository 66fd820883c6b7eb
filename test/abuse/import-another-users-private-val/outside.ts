import { expect } from "bun:test";
import type { Outside } from "../stage.ts";

/** No build has it either, however it is written; and who may not read it is told no more than that it is not there. */
export const importAnotherUsersPrivateVal: Outside = async (stage, val) => {
  const outcomes = await stage.attack(val);
  const { username, valName } = stage.victim.facts;
  const way = `${username}/${valName}`;
  const specifiers = [
    `https://esm.town/v/${way}/secret.ts`,
    `https://esm.town/v/${way}@3-main/secret.ts`,
    `https://esm.town/v/${way}@main/secret.ts`,
    `https://esm.town/v/${way}/secret.ts?v=3`,
    `https://esm.town/v/${username}/${valName.toUpperCase()}/secret.ts`,
    `https://esm.town/v/${username.toUpperCase()}/${valName}/secret.ts`,
    `https://esm.town/v/std/../${way}/secret.ts`,
    `https://esm.town/v/std/blob/..%2f..%2f..%2f${way}/secret.ts`,
    `https://esm.town/v/tester/bait/../../${way}/secret.ts`,
    `https://esm.town/v/tester%2f..%2f${username}/${valName}/secret.ts`,
    `http://esm.town/v/${way}/secret.ts`,
    `https://esm.town//v/${way}/secret.ts`,
    `https://esm.localhost:${stage.hamlet.port}/v/${way}/secret.ts`,
    `http://esm.localhost:${stage.hamlet.port}/v/${way}/secret.ts`,
    `https://esm.town/v/${way}/main.ts`,
    `./v/${way}/secret.ts`,
    `../../../${way}/secret.ts`,
    `/v/${way}/secret.ts`,
  ];
  const forms = [
    (url: string) => `import * as m from "${url}"; export default () => Response.json({ ...m });`,
    (url: string) => `import m from "${url}" with { type: "text" }; export default () => new Response(m);`,
    (url: string) => `export default async () => Response.json({ ...(await import("${url}")) });`,
  ];
  for (const [index, url] of specifiers.entries()) {
    const source = forms[index % forms.length]!(url);
    const name = `import-private-${index}`;
    const made = await stage.hamlet.val(name, source);
    stage.look(name, await (await stage.hamlet.fetch(made)).text());
    stage.look(name, await (await stage.hamlet.api(`/v3/vals/${made.id}/builds`)).text());
  }
  // One that would lead to it by way of a val that may.
  const gone = await stage.hamlet.api(`/v2/alias/vals/${way}`);
  expect(gone.status).toBe(404);
  return outcomes;
};
