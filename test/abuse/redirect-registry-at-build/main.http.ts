// Brings settings that would make the save fetch packages from the host's own address.
import { Hono } from "npm:hono@4.13.19";
import { attack } from "./attempt.ts";

export default attack({
  "a package of the attacker's choice": () => {
    if (typeof new Hono().fetch === "function") throw new Error("it is the true package");
  },
});
