/** The part of JSON Schema that our description uses: making values that fit, and telling what does not. */

export type Random = (below: number) => number;

export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly example?: unknown;
}

const WORDS = ["a", "main", "hello", "b2", "x-1", "Zeta", "public", "k_v", "main.ts", "notes.md", "lib"];
/** For patterns: the first that fits is taken. */
const CANDIDATES = [
  ...WORDS,
  "0123456789abcdef0123456789abcdef",
  "#ffffff",
  "example.org",
  "https://example.org/",
  "ann@example.org",
  "2026-01-02T03:04:05.678Z",
  "1",
];

export class Schemas {
  readonly #components: Readonly<Record<string, Schema>>;

  constructor(components: Readonly<Record<string, Schema>>) {
    this.#components = components;
  }

  /** Follows references, and makes one of several. */
  resolve(schema: Schema): Schema {
    let found = schema;
    while (found.$ref !== undefined) found = this.#components[found.$ref.split("/").at(-1)!] ?? {};
    if (found.allOf === undefined) return found;
    // All of it is about one object: what one part does not describe another one may.
    const parts = [...found.allOf.map((part) => this.resolve(part)), { ...found, allOf: undefined }];
    return {
      ...Object.assign({}, ...parts),
      allOf: undefined,
      properties: Object.assign({}, ...parts.map((part) => part.properties)),
      required: parts.flatMap((part) => part.required ?? []),
    };
  }

  /** A value that fits. */
  make(given: Schema, random: Random, depth = 0): unknown {
    const schema = this.resolve(given);
    if (schema.const !== undefined) return schema.const;
    if (schema.enum !== undefined) return schema.enum[random(schema.enum.length)];
    const choices = schema.oneOf ?? schema.anyOf;
    if (choices !== undefined) return this.make(choices[random(choices.length)]!, random, depth);
    const types = typeof schema.type === "string" ? [schema.type] : (schema.type ?? ["object"]);
    switch (types[random(types.length)]) {
      case "string":
        return makeString(schema, random);
      case "integer":
      case "number":
        return makeNumber(schema, random);
      case "boolean":
        return random(2) === 0;
      case "null":
        return null;
      case "array": {
        const most = depth > 3 ? 0 : Math.min(schema.maxItems ?? 3, 3);
        const length = Math.max(schema.minItems ?? 0, random(most + 1));
        return Array.from({ length }, () => this.make(schema.items ?? {}, random, depth + 1));
      }
      default:
        return this.#makeObject(schema, random, depth);
    }
  }

  /** What of a value does not fit; undefined when all of it does. */
  mismatch(given: Schema, value: unknown, at = "$"): string | undefined {
    const schema = this.resolve(given);
    if ("const" in schema) return value === schema.const ? undefined : `${at} is not ${schema.const}`;
    if (schema.enum !== undefined && !schema.enum.includes(value))
      return `${at} is none of the enum: ${value}`;
    const choices = schema.oneOf ?? schema.anyOf;
    if (choices !== undefined) {
      const found = choices.map((one) => this.mismatch(one, value, at));
      return found.includes(undefined) ? undefined : found.join(" and ");
    }
    const types = typeof schema.type === "string" ? [schema.type] : schema.type;
    if (types !== undefined && !types.some((type) => isOfType(type, value))) {
      return `${at} is ${value === null ? "null" : typeof value}, not ${types.join(" or ")}`;
    }
    if (typeof value === "string") return mismatchOfString(schema, value, at);
    if (Array.isArray(value))
      return this.#firstOf(value, (one, i) => this.mismatch(schema.items ?? {}, one, `${at}[${i}]`));
    if (typeof value === "object" && value !== null) return this.#mismatchOfObject(schema, value, at);
    return undefined;
  }

  #makeObject(schema: Schema, random: Random, depth: number): unknown {
    const made: Record<string, unknown> = {};
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      const needed = schema.required?.includes(name);
      if (needed || (depth < 4 && random(2) === 0)) made[name] = this.make(property, random, depth + 1);
    }
    return made;
  }

  #mismatchOfObject(schema: Schema, value: object, at: string): string | undefined {
    const missing = schema.required?.find((name) => !(name in value));
    if (missing !== undefined) return `${at}.${missing} is missing`;
    return this.#firstOf(Object.entries(value), ([name, one]) => {
      const property = schema.properties?.[name];
      if (property !== undefined)
        return one === undefined ? undefined : this.mismatch(property, one, `${at}.${name}`);
      const { additionalProperties: more = false } = schema;
      if (typeof more === "object") return this.mismatch(more, one, `${at}.${name}`);
      // What is not described nobody can rely on.
      return more || schema.properties === undefined ? undefined : `${at}.${name} is not described`;
    });
  }

  #firstOf<T>(items: readonly T[], look: (item: T, index: number) => string | undefined): string | undefined {
    for (const [index, item] of items.entries()) {
      const found = look(item, index);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

function isOfType(type: string, value: unknown): boolean {
  if (type === "null") return value === null;
  if (type === "array") return Array.isArray(value);
  if (type === "integer") return Number.isInteger(value);
  if (type === "object") return typeof value === "object" && value !== null && !Array.isArray(value);
  return typeof value === type;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function mismatchOfString(schema: Schema, value: string, at: string): string | undefined {
  if (schema.pattern !== undefined && !new RegExp(schema.pattern).test(value))
    return `${at} is not like ${schema.pattern}`;
  if (schema.format === "uuid" && !UUID.test(value)) return `${at} is no UUID`;
  if (schema.format === "date-time" && !(new Date(value).toISOString().slice(0, 19) === value.slice(0, 19)))
    return `${at} is no date-time`;
  if (schema.format === "uri" && !URL.canParse(value)) return `${at} is no URL`;
  return undefined;
}

function makeString(schema: Schema, random: Random): string {
  const { pattern, format, minLength = 0, maxLength = 80 } = schema;
  if (format === "uuid") return makeUuid(random);
  if (format === "date-time") return new Date(1.7e12 + random(1e9) * 100).toISOString();
  if (format === "uri") return `http://127.0.0.1:9/${random(1000)}`;
  if (format === "email") return `user${random(1000)}@example.org`;
  const fits = (text: string) =>
    text.length >= minLength &&
    text.length <= maxLength &&
    (pattern === undefined || new RegExp(pattern).test(text));
  const numbered = `${WORDS[random(5)]}${random(10_000)}`;
  if (fits(numbered)) return numbered;
  return CANDIDATES.find(fits) ?? "a".repeat(Math.max(minLength, 1));
}

function makeNumber(schema: Schema, random: Random): number {
  const { minimum = schema.exclusiveMinimum ?? 0, maximum = minimum + 50 } = schema;
  return minimum + random(Math.min(maximum - minimum, 1_000_000) + 1);
}

/** A UUID that belongs to nothing. */
export function makeUuid(random: Random): string {
  const hex = Array.from({ length: 32 }, () => random(16).toString(16)).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
