/** Sends mail. `std/email` */

import { callApi, reasonOf } from "./call.ts";

/** A mail address with the name to show. */
export interface IAddress {
  email: string;
  name?: string;
}

/** A file that goes along. */
export interface Attachment {
  /** Base64. */
  content: string;
  filename: string;
  /** Media type. */
  type?: string;
  disposition?: string;
  /** Under which `html` refers to it: `cid:…`. */
  contentId?: string;
}

/** All of it may be left out. */
export interface EmailOptions {
  /** Else the owner of this val. */
  to?: string | IAddress | (string | IAddress)[];
  cc?: string | IAddress | (string | IAddress)[];
  bcc?: string | IAddress | (string | IAddress)[];
  from?: string | IAddress;
  replyTo?: string | IAddress | (string | IAddress)[];
  subject?: string;
  text?: string;
  html?: string;
  attachments?: Attachment[];
  headers?: Record<string, string>;
}

/**
 * Sends a mail; without `to`, to the owner of this val.
 *
 * @example
 * ```ts
 * import { email } from "https://esm.town/v/std/email";
 *
 * const { message } = await email({
 *   subject: "New visitor",
 *   text: "Somebody was here.",
 *   replyTo: { email: "ann@example.com", name: "Ann" },
 * });
 * console.log(typeof message); // → "string"
 * ```
 */
export async function email({ replyTo, ...options }: EmailOptions = {}): Promise<{ message: string }> {
  const replyToList = replyTo === undefined ? undefined : [replyTo].flat().map(toAddress);
  const response = await callApi("/v1/email", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...options, replyToList }),
  });
  if (!response.ok) throw new Error(await reasonOf(response, "Error sending email"));
  return await response.json();
}

function toAddress(address: string | IAddress): IAddress {
  return typeof address === "string" ? { email: address } : address;
}
