// What std/blob promises, told as JSON.
import { blob as global } from "https://esm.town/v/std/blob/global.ts";
import { blob as scoped } from "https://esm.town/v/std/blob/main.ts";

const KEYS = [".", "..", "a/../b", "/", "//a", "ü 🐹", "%2F", "a?b=c#d", "k".repeat(512), "a\nb"];

export default async function (): Promise<Response> {
  const told: Record<string, unknown> = {};
  for (const key of KEYS) await scoped.set(key, `value of ${key}`);
  told.values = await Promise.all(KEYS.map(async (key) => (await scoped.get(key)).text()));
  told.listed = (await scoped.list()).map(({ key, size }) => [key, size]);
  told.prefixed = (await scoped.list("a/")).map(({ key }) => key);
  told.apart = await global.list();

  await scoped.copy(".", "..");
  await scoped.move("..", "moved");
  told.moved = [await (await scoped.get("moved")).text(), await scoped.getJSON("..")];
  await Promise.all([...KEYS, "moved", "never there"].map((key) => scoped.delete(key)));
  told.left = await scoped.list();

  const error = (work: Promise<unknown>) =>
    work.then(
      () => "none",
      ({ name, message }) => [name, message],
    );
  told.errors = await Promise.all([
    error(scoped.get("gone")),
    error(scoped.copy("gone", "here")),
    error(scoped.set("", "x")),
    error(scoped.set("k".repeat(513), "x")),
    error(scoped.set("\ud800", "x")),
  ]);
  return Response.json({ keys: KEYS, ...told });
}
