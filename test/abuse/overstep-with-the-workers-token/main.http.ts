// Does with its own token what a val may not, and tries tokens that are none.
import { anyOf, ask, attack, need, type Town } from "./attempt.ts";

const json = (body: unknown, method = "POST") => ({
  method,
  body: JSON.stringify(body),
  headers: { "content-type": "application/json" },
});
const mine = async (): Promise<{ id: string }[]> =>
  JSON.parse(await ask("/v2/me/vals?limit=100&offset=0")).data;
const own = async ({ nonce }: Town) =>
  need(
    (await mine()).find((val) => (val as { name?: string }).name === nonce),
    "not found",
  ).id;
const me = async (headers: Record<string, string>) =>
  need(JSON.parse(await ask("/v1/me", { headers })).username, "nobody");
const token = () => Deno.env.get("valtown")!;

export default attack({
  "change its own files": async (town) =>
    ask(`/v2/vals/${await own(town)}/files?path=main.http.ts`, json({ content: "changed" }, "PUT")),
  "add a file": async (town) =>
    ask(`/v2/vals/${await own(town)}/files?path=more.ts`, json({ type: "script", content: "" })),
  "remove a file": async (town) =>
    ask(`/v2/vals/${await own(town)}/files?path=attempt.ts`, { method: "DELETE" }),
  "make a val": () => ask("/v2/vals", json({ name: "planted", privacy: "public" })),
  "remove other vals of its owner": async () =>
    anyOf(
      (await mine()).map(({ id }) => id),
      (id) => ask(`/v2/vals/${id}`, { method: "DELETE" }),
    ),
  "set variables": async () =>
    anyOf(
      (await mine()).map(({ id }) => id),
      (id) => ask(`/v2/vals/${id}/environment_variables`, json({ key: "A", value: "b" })),
    ),
  "use another val's blobs and rows, of the same owner": async (town) => {
    const id = await own(town);
    const others = (await mine()).filter((val) => val.id !== id).map((val) => val.id);
    return anyOf(
      others.flatMap((other) => [
        `/v3/vals/${other}/blob`,
        `/v3/vals/${other.toUpperCase()}/blob`,
        `/v3/vals/${other}/blob/key`,
      ]),
      (path) => ask(path),
    );
  },
  "make another token": () =>
    anyOf(["/v1/tokens", "/v2/tokens", "/v1/me/tokens", "/v1/oauth/token"], (path) =>
      ask(path, json({ scopes: ["val:write"] })),
    ),
  "tokens that are none": () =>
    anyOf(
      [
        "",
        " ",
        "null",
        "undefined",
        "*",
        "vtwn_",
        `${token()}x`,
        token().slice(0, -1),
        token().toUpperCase(),
        `${token()},x`,
        "__proto__",
        "constructor",
      ],
      (text) => me({ authorization: `Bearer ${text}` }),
    ),
  "its token in another way": () =>
    anyOf(
      [
        { authorization: `Basic ${btoa(`${token()}:`)}` },
        { authorization: "", cookie: `token=${token()}; valtown=${token()}` },
        { authorization: "Bearer", "x-api-key": token() },
        { authorization: `Token ${token()}` },
      ],
      (headers) => me(headers as never),
    ),
  "say who it is": (town) =>
    anyOf(
      [
        { "x-hamlet-user": town.victim.userId },
        { "x-user-id": town.victim.userId, "x-val-id": town.victim.valId },
        { "x-forwarded-user": town.victim.username },
        { "x-hamlet-val": town.victim.valId },
      ],
      async (headers) =>
        need(
          (await me({ authorization: `Bearer ${token()}`, ...headers } as never)) === "victim",
          "still itself",
        ),
    ),
});
