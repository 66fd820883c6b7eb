/** `WebSocket` to the val's own town by the short way. */

import { HOPS } from "../wire/headers.ts";
import { NativeURL } from "./intrinsics.ts";
import type { Town } from "./town.ts";
import { currentHops } from "./trace.ts";

type Options = Exclude<ConstructorParameters<typeof WebSocket>[1], string | string[] | undefined>;
type Class = typeof WebSocket;

/** Deno loads its own at the first use: so does this. */
export function offerWebSocket(town: Town): void {
  const native = Object.getOwnPropertyDescriptor(globalThis, "WebSocket")?.get as () => Class;
  let offered: Class | undefined;
  Object.defineProperty(globalThis, "WebSocket", {
    configurable: true,
    enumerable: false,
    get: () => (offered ??= derive(native.call(globalThis), town)),
    set: (value: Class) => {
      offered = value;
    },
  });
}

function derive(Native: Class, town: Town): Class {
  return class WebSocket extends Native {
    readonly #url: string | undefined;

    constructor(url: string | URL, options?: string | string[] | Options) {
      const stays = town.has(url, options as Options);
      super(...(stays ? throughDoor(town, url, options) : ([url, options] as never)));
      if (stays) this.#url = asked(url);
    }

    override get url(): string {
      return this.#url ?? super.url;
    }
  };
}

function throughDoor(town: Town, url: string | URL, options: unknown): ConstructorParameters<Class> {
  const given = toOptions(options);
  const headers = new Headers(given.headers);
  const hops = currentHops();
  if (hops !== undefined) headers.set(HOPS, hops);
  const address = new NativeURL(asked(url));
  headers.set("host", address.host);
  // Behind the door all is plain; the gateway hears which scheme it was.
  if (address.protocol === "wss:") headers.set("x-forwarded-proto", "https");
  address.protocol = "ws:";
  return [town.toDoor(address), { ...given, headers, client: town.client }];
}

function asked(url: string | URL): string {
  const address = new NativeURL(url);
  if (address.protocol === "https:") address.protocol = "wss:";
  if (address.protocol === "http:") address.protocol = "ws:";
  return address.href;
}

function toOptions(options: unknown): Options {
  if (options === undefined) return {};
  if (Array.isArray(options)) return { protocols: options };
  return typeof options === "object" && options !== null ? options : { protocols: [String(options)] };
}
