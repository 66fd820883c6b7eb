// Imports files of the host statically, so that whatever reads this val at its save would read them.
import "./loot.ts";
import { attack } from "./attempt.ts";

export default attack({
  "a host file": async () => (await import("./loot.ts")).default,
});
