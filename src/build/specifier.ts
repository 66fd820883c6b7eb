/** What may be asked of a registry or another host: the only specifiers that Deno ever gets to see from a val. */

export type Specifier =
  | {
      readonly kind: "npm" | "jsr";
      /** With its scope. */
      readonly name: string;
      /** A version, a range or a tag; missing: the newest. */
      readonly range?: string;
      /** Without a slash at its start. */
      readonly sub?: string;
    }
  | { readonly kind: "https"; readonly url: string };

export interface Malformed {
  readonly message: string;
  readonly hint?: string;
}

const MAX_LENGTH = 2048;
const MAX_NAME = 214;

const PART = "[a-zA-Z0-9~-][a-zA-Z0-9._~-]*";
// What Deno reads as one range, or a tag such as `latest`; anything else would fail the whole run it is part of.
const RANGE = /^(?:[\^~]?(?:\d+|[xX*])(?:\.(?:\d+|[xX*])){0,2}(?:-[\w.-]+)?(?:\+[\w.-]+)?|[a-zA-Z][\w.-]*)$/;
const PACKAGE = new RegExp(`^(npm|jsr):/?((?:@${PART}/)?${PART})(?:@([^/]*))?(?:/(.*))?$`, "s");
const SUB = /^[\w@.$~!+,=-]+(?:\/[\w@.$~!+,=-]+)*$/;

/** Reads a specifier as a val writes it; what is wrong with it when it is none of the allowed ones. */
export function parseSpecifier(text: string): Specifier | Malformed {
  if (text.length > MAX_LENGTH) return { message: `This import is longer than ${MAX_LENGTH} characters.` };
  if (/^https:/i.test(text)) return parseUrl(text);
  if (/^(?:npm|jsr):/.test(text)) return parsePackage(text);
  return {
    message: `"${text}" cannot be fetched: only npm:, jsr: and https: imports can.`,
    ...(/^http:/i.test(text) ? { hint: "Use https: instead of http:." } : {}),
  };
}

/** True if it is one of the allowed forms. */
export function isSpecifier(parsed: Specifier | Malformed): parsed is Specifier {
  return "kind" in parsed;
}

function parsePackage(text: string): Specifier | Malformed {
  const [, kind, name = "", range, sub = ""] = PACKAGE.exec(text) ?? [];
  const example = text.startsWith("jsr:") ? "jsr:@scope/name@1/sub" : "npm:name@1.2.3/sub";
  const malformed = (message: string, hint = `It looks like ${example}.`) => ({ message, hint });
  if (kind === undefined || name.length > MAX_NAME) return malformed(`"${text}" names no package.`);
  if (kind === "jsr" && !name.startsWith("@")) {
    return malformed(`"${text}" names no package: those of JSR have a scope.`);
  }
  if (range !== undefined && !RANGE.test(range)) {
    const hint = 'Use a version such as "1.2.3", a range such as "^1.2" or "1", or a tag such as "latest".';
    return malformed(`"${range}" in "${text}" is no version.`, hint);
  }
  if (sub !== "" && (!SUB.test(sub) || sub.split("/").some((part) => /^\.+$/.test(part)))) {
    return malformed(`"${sub}" in "${text}" is no path in a package.`);
  }
  const more = { ...(range === undefined ? {} : { range }), ...(sub === "" ? {} : { sub }) };
  return { kind: kind as "npm" | "jsr", name, ...more };
}

function parseUrl(text: string): Specifier | Malformed {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || /[\s"\\]/.test(text)) return { message: `"${text}" is no address.` };
  if (url.username || url.password) {
    return {
      message: `"${url.origin}" with a name or password in it cannot be imported.`,
      hint: "Import from a public address.",
    };
  }
  return { kind: "https", url: url.href };
}
