/** What a person reads once the server runs. */

import { resolve } from "node:path";
import { socketIn } from "../folder.ts";
import { appUrl, endpointUrl, nameLabel, type TownAddress } from "../val/address.ts";

/** What the first start of a data folder has made. */
interface FirstStart {
  readonly token: string;
  readonly passwordLink: string;
}

/** The app's address: as the server says that runs on the data folder, else from the flags of a command. */
export async function appOf({
  data,
  port,
  domain,
  publicUrl,
}: {
  readonly data: string;
  readonly port: number;
  readonly domain: string;
  readonly publicUrl: string | undefined;
}): Promise<string> {
  return publicUrl ?? (await runningApp(data)) ?? `http://${domain}:${port}`;
}

async function runningApp(data: string): Promise<string | undefined> {
  try {
    const unix = socketIn(resolve(data), "inner");
    const answer = await fetch("http://api.localhost/.well-known/oauth-protected-resource", { unix });
    const { authorization_servers } = (await answer.json()) as { authorization_servers: string[] };
    return new URL(authorization_servers[0] ?? "").origin;
  } catch {
    // No server runs.
    return undefined;
  }
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

Open this link within an hour to choose a password and make your first val in the browser:

  ${first.passwordLink}

It is for the user "me", who runs the town and has the examples as vals ("hamlet user password me" prints another one).
This is its token for programs, shown only now:

  TOKEN=${first.token}

In a second terminal, save a function and call it:

  curl ${app}/api/v2/vals -H "authorization: Bearer $TOKEN" --json '${body}'
  curl ${endpointOf("greet")}/

Watch one of the examples:

  curl -N ${endpointOf("robPikeIO")}/
`;
}
