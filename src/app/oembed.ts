/** How links to vals unfold: oEmbed (https://oembed.com) and the properties of Open Graph (https://ogp.me). */

import { html } from "../pages/pages.ts";
import type { Val } from "../store/store.ts";
import { appUrl, type TownAddress, userUrl, valUrl } from "../val/address.ts";
import type { AppOptions } from "./app.ts";
import { decodePart, findShared } from "./shared.ts";

const WIDTH = 800;
const HEIGHT = 420;
/** Owner, val, and the file that is named, with its first slash. */
const PAGE = /^\/[xv]\/([^/]+)\/([^/]+)(?:\/code(\/.+))?/;
const EMBED = /^\/embed\/(?:x\/)?([^/]+)\/([^/]+)(\/.+)?/;

/** `GET /oembed?url=…&maxwidth=…&maxheight=…`: 404 for what is no val, 501 for another format than JSON. */
export async function answerOembed(request: Request, { store, town }: AppOptions): Promise<Response> {
  const { searchParams } = new URL(request.url);
  const headers = { "access-control-allow-origin": "*", "x-content-type-options": "nosniff" };
  const format = searchParams.get("format");
  if (format !== null && format !== "json")
    return Response.json({ message: "Only format=json is there." }, { status: 501, headers });
  const place = placeOf(searchParams.get("url") ?? "", town);
  const val = place && (await findShared(store, place.user, place.name));
  if (val === undefined || place === undefined)
    return Response.json(
      { message: "That is no address of a val that anyone may read." },
      { status: 404, headers },
    );
  const width = within(searchParams.get("maxwidth"), WIDTH);
  const height = within(searchParams.get("maxheight"), HEIGHT);
  const src = `${appUrl(town)}/embed/${encodeURIComponent(val.username)}/${encodeURIComponent(val.name)}${place.path}`;
  const frame = html`<iframe src="${src}" width="${width}" height="${height}" title="${val.username}/${val.name}" style="border:0" loading="lazy"></iframe>`;
  return Response.json(
    {
      ...{ version: "1.0", type: "rich", title: `${val.username}/${val.name}` },
      ...{ author_name: val.username, author_url: userUrl(town, val.username) },
      ...{ provider_name: "Hamlet", provider_url: appUrl(town), html: frame.toString(), width, height },
      ...{ thumbnail_url: cardUrl(town, val), thumbnail_width: 1200, thumbnail_height: 630 },
    },
    { headers },
  );
}

/** What a val's page says of itself to those who show a link to it. */
export function unfolding(town: TownAddress, val: Val): string {
  const page = valUrl(town, val.username, val.name);
  const title = `${val.username}/${val.name}`;
  const about = val.description || `A val of ${val.username}`;
  const oembed = `${appUrl(town)}/oembed?format=json&url=${encodeURIComponent(page)}`;
  return html`<meta name="description" content="${about}">
<meta property="og:type" content="website">
<meta property="og:site_name" content="Hamlet">
<meta property="og:title" content="${title}">
<meta property="og:description" content="${about}">
<meta property="og:url" content="${page}">
<meta property="og:image" content="${cardUrl(town, val)}">
<meta property="og:image:width" content="1200">
<meta property="og:image:height" content="630">
<meta name="twitter:card" content="summary_large_image">
<link rel="alternate" type="application/json+oembed" href="${oembed}" title="${title}">
${val.privacy === "unlisted" && html`<meta name="robots" content="noindex">`}`.toString();
}

/** The address of its picture. */
function cardUrl(town: TownAddress, { username, name }: Val): string {
  return `${appUrl(town)}/card/${encodeURIComponent(username)}/${encodeURIComponent(name)}.png`;
}

function placeOf(written: string, town: TownAddress) {
  const url = URL.parse(written);
  if (url === null || url.origin !== appUrl(town)) return undefined;
  const match = PAGE.exec(url.pathname) ?? EMBED.exec(url.pathname);
  if (match === null) return undefined;
  const [, user = "", name = "", path = ""] = match;
  return { user: decodePart(user), name: decodePart(name), path };
}

function within(asked: string | null, most: number): number {
  const number = Number(asked ?? most);
  return Number.isInteger(number) && number > 0 ? Math.min(number, most) : most;
}
