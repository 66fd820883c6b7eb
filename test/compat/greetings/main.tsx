import { shout } from "./shout.ts";

export const greet = (name: string) => shout(`Hello ${name}`);
export const where = import.meta.url;
