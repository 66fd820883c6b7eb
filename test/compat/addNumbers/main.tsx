import { rpc } from "https://esm.town/v/std/rpc?v=5";

export const rpc_example = rpc(async (a: number, b: number) => {
  return a + b;
});
