import { greet, where } from "https://esm.town/v/nina/greetings/main.tsx";
import { greet as oldGreet } from "https://esm.town/v/nina/greetings?v=1";
import { shout } from "https://esm.town/v/nina/greetings/shout.ts";

export default async function(req: Request) {
  const { greet: lazy } = await import("https://esm.town/v/nina/greetings/main.tsx?v=1");
  return Response.json({
    pinned: oldGreet("Ann"),
    newest: greet("Ann"),
    file: shout("abc"),
    lazy: lazy("Bob"),
    where: where.match(/\/v\/([^@]+)@/)?.[1],
  });
}
