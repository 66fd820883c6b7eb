// Reads the mail that comes, and shows the last one
import { blob } from "https://esm.town/v/std/blob/main.ts";
import { emailAddress } from "https://esm.town/v/std/utils/index.ts";

export default async function handle(): Promise<Response> {
  const [address, last] = await Promise.all([emailAddress("email.ts"), blob.getJSON("last")]);
  return Response.json({ writeTo: address, lastMail: last ?? null });
}
