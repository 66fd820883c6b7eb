// Imports files of the host statically, so that whatever reads this val at its save would read them.
import "./text.ts";
import { attack } from "./attempt.ts";

export default attack({
  "the text of a host file": async () => (await import("./text.ts")).default,
});
