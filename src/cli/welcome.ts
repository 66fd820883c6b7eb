/** What a person reads once the server runs. */

import { appUrl, endpointUrl, nameLabel, type TownAddress } from "../val/address.ts";

/** `token` is that of `me`, there on the first start of a data folder only. */
export function renderWelcome(town: TownAddress, token: string | undefined): string {
  const app = appUrl(town);
  const runs = `Hamlet runs at ${app}; Ctrl-C ends it.`;
  if (token === undefined) return runs;
  const endpointOf = (val: string) => endpointUrl(town, nameLabel("me", val)!);
  const source = "export default () => Response.json({ now: new Date() })";
  const file = { path: "main.ts", type: "http", content: source };
  const body = JSON.stringify({ name: "greet", privacy: "public", files: [file] });
  return `${runs}

The user "me" was made, with the examples as vals. This is its token, shown only now:

  TOKEN=${token}

In a second terminal, save a function and call it:

  curl ${app}/api/v2/vals -H "authorization: Bearer $TOKEN" --json '${body}'
  curl ${endpointOf("greet")}/

Watch one of the examples:

  curl -N ${endpointOf("robPikeIO")}/
`;
}
