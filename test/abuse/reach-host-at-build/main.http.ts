// Imports statically from the host's own address, so that the save would fetch it.
import loot from "http://127.0.0.1:{{tcp}}/x.ts";
import "http://localhost:{{tcp}}/y.ts";
import { attack } from "./attempt.ts";

export default attack({ "what the save fetched": () => loot });
