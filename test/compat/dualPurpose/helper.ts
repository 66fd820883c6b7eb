import { isMain } from "https://esm.town/v/std/utils/is-main.ts";

export const helperIsMain = isMain(import.meta.url);
