// Opens the engine's inspector, which listens on TCP and obeys whoever connects.
import { open, Session, url } from "node:inspector";
import { attack, need, ownProcess } from "./attempt.ts";

export default attack({
  "node:inspector on every address": ownProcess("nobody can connect to it, see listen-on-host", () => {
    open(0, "0.0.0.0");
    return need(url(), "no inspector was opened");
  }),
  "a signal that opens it in node": ownProcess("signals reach its own process only", () => {
    Deno.kill(Deno.pid, "SIGUSR1");
    return need(url(), "no inspector was opened");
  }),
  "a session in the process": ownProcess("it inspects its own process", async () => {
    const session = new Session();
    session.connect();
    return await new Promise((resolve, reject) =>
      session.post("Runtime.evaluate", { expression: "hello.nonce" }, (error, result) =>
        error ? reject(error) : resolve(result),
      ),
    );
  }),
});
