/** The examples of a town that has just started for the first time. */

import type { TestHamlet, TestVal } from "./server.ts";

/** The example of this name, which belongs to `me`. */
export function exampleOf(hamlet: TestHamlet, name: string): TestVal {
  const host = `me-${name.toLowerCase()}.web.localhost:${hamlet.port}`;
  return { id: "", name, endpoint: `http://${host}/`, host };
}

/** The data of server-sent events, one after the other, as they come. */
export async function* readEvents<T>(response: Response): AsyncGenerator<T> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const piece of response.body!) {
    const events = (rest + decoder.decode(piece, { stream: true })).split("\n\n");
    rest = events.pop()!;
    for (const event of events)
      if (event.startsWith("data: ")) yield JSON.parse(event.slice("data: ".length)) as T;
  }
}
