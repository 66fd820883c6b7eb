/** What a person reads once the server runs. */

import { appUrl, endpointUrl, nameLabel, type TownAddress } from "../val/address.ts";

/** What the first start of a data folder has made. */
interface FirstStart {
  readonly token: string;
  readonly passwordLink: string;
}

/** The app's address from the flags of a command that runs beside the server. */
export function appOf({
  port,
  domain,
  publicUrl,
}: {
  readonly port: number;
  readonly domain: string;
  readonly publicUrl: string | undefined;
}): string {
  return publicUrl ?? `http://${domain}:${port}`;
}

/** What to read; `first` is there on the first start of a data folder only. */
export function renderWelcome(town: TownAddress, first: FirstStart | undefined): string {
  const app = appUrl(town);
  const runs = `Hamlet runs at ${app}; Ctrl-C ends it.`;
  if (first === undefined) return runs;
  const endpointOf = (val: string) => endpointUrl(town, nameLabel("me", val)!);
  const source = "export default () => Response.json({ now: new Date() })";
  const file = { path: "main.ts", type: "http", content: source };
  const body = JSON.stringify({ name: "greet", privacy: "public", files: [file] });
  return `${runs}

The user "me" was made, with the examples as vals. To sign in as it, open this link within an hour and choose a password
(later, "hamlet user password me" makes another one):

  ${first.passwordLink}

This is its token for programs, shown only now:

  TOKEN=${first.token}

In a second terminal, save a function and call it:

  curl ${app}/api/v2/vals -H "authorization: Bearer $TOKEN" --json '${body}'
  curl ${endpointOf("greet")}/

Watch one of the examples:

  curl -N ${endpointOf("robPikeIO")}/
`;
}
