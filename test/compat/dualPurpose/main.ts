import { isMain } from "https://esm.town/v/std/utils/index.ts";
import { helperIsMain } from "./helper.ts";

let main = false;
if (isMain(import.meta.url)) {
  main = true;
}

export default () => Response.json({ main, helperIsMain });
