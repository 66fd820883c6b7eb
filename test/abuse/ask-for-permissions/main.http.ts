// Asks Deno for more permissions, and whether it tells the truth about those it gives.
import { attack, need, ownProcess } from "./attempt.ts";

const reason = "Deno's permissions are switched off";

const wanted = (secret: string): Deno.PermissionDescriptor[] => [
  { name: "read" },
  { name: "read", path: secret },
  { name: "read", path: "/" },
  { name: "write" },
  { name: "write", path: secret },
  { name: "run" },
  { name: "run", command: "sh" },
  { name: "ffi" },
  { name: "sys" },
  { name: "sys", kind: "networkInterfaces" },
  { name: "net", host: "127.0.0.2" },
  { name: "net", host: "169.254.169.254" },
  { name: "net", host: "10.0.0.1:80" },
];

const granted = async (
  ask: (wish: Deno.PermissionDescriptor) => Promise<Deno.PermissionStatus>,
  secret: string,
) => {
  const states = await Promise.all(
    wanted(secret).map(async (wish) => ({ wish, state: (await ask(wish)).state })),
  );
  const given = states.filter(({ state }) => state === "granted");
  return need(given.length > 0 && given, "none was granted");
};

export default attack({
  request: ownProcess(reason, (town) => granted((wish) => Deno.permissions.request(wish), town.files.text)),
  query: ownProcess(reason, (town) => granted((wish) => Deno.permissions.query(wish), town.files.text)),
  "request after revoke": ownProcess(reason, async (town) => {
    await Deno.permissions.revoke({ name: "read", path: town.files.text });
    return await granted((wish) => Deno.permissions.request(wish), town.files.text);
  }),
  "a prompt that answers itself": ownProcess(reason, async () => {
    globalThis.prompt = () => "A";
    globalThis.confirm = () => true;
    Object.defineProperty(Deno.stdin, "isTerminal", { value: () => true });
    const { state } = await Deno.permissions.request({ name: "run" });
    return need(state === "granted" && state, state);
  }),
  "a truthful query, read and then tried": ownProcess(reason, async (town) => {
    const { state } = await Deno.permissions.query({ name: "read", path: town.files.text });
    const readable = await Deno.readTextFile(town.files.text).then(
      () => true,
      () => false,
    );
    return need(
      (state === "granted") !== readable && "the query lied",
      `${state}, and readable: ${readable}`,
    );
  }),
});
