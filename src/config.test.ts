import { expect, test } from "bun:test";
import { parseConfig, SERVE_FLAGS } from "./config.ts";
import { HamletError } from "./errors.ts";
import { renderFlags, renderTable } from "./flags.ts";

const messageOf = (argv: string[], env: Record<string, string> = {}) => {
  try {
    parseConfig(argv, env);
  } catch (error) {
    expect(error).toBeInstanceOf(HamletError);
    expect((error as HamletError).code).toBe("config");
    return (error as HamletError).message;
  }
  throw new Error(`${argv.join(" ")} was accepted`);
};

test("without arguments every choice has a default, and the result is frozen", () => {
  const config = parseConfig([], {});
  expect(config).toMatchObject({
    port: 3000,
    host: "127.0.0.1",
    domain: "localhost",
    webDomain: "web.localhost",
  });
  expect(config).toMatchObject({
    sandbox: "auto",
    pool: 2,
    json: false,
    maxBody: 100 * 2 ** 20,
    grace: 10_000,
  });
  expect(config.data).toBe(`${process.cwd()}/data`);
  expect(config.publicUrl).toBeUndefined();
  expect(config.unsafePermissions).toBe(false);
  expect(Object.isFrozen(config)).toBe(true);
});

test("a flag wins over its variable, which wins over the default; an empty variable counts as unset", () => {
  expect(parseConfig(["--port", "1"], { HAMLET_PORT: "2" }).port).toBe(1);
  expect(parseConfig([], { HAMLET_PORT: "2" }).port).toBe(2);
  expect(parseConfig([], { HAMLET_PORT: "" }).port).toBe(3000);
  expect(parseConfig([], { HAMLET_MAX_IN_FLIGHT_PER_VAL: "7" }).maxInFlightPerVal).toBe(7);
});

test("the last use of a flag counts, so that npm start -- --port 4000 can overrule", () => {
  expect(parseConfig(["--port", "1", "--port=2"], {}).port).toBe(2);
});

test("sizes and durations carry units", () => {
  expect(parseConfig(["--max-body", "1.5gb"], {}).maxBody).toBe(1.5 * 2 ** 30);
  expect(parseConfig(["--grace", "250ms"], {}).grace).toBe(250);
  expect(parseConfig(["--log-retention", "2d"], {}).logRetention).toBe(172_800_000);
  for (const bad of ["5", "5 s", "-5s", "5w", "s", ""])
    expect(messageOf(["--grace", bad])).toContain("length of time");
  expect(messageOf(["--mail-size", "31MB"])).toContain("a size from 1KB to 30MB");
  for (const bad of ["5", "5XB", "1KB0", "-1MB"]) expect(messageOf(["--max-body", bad])).toContain("a size");
});

test("a switch needs no value, and takes one after =", () => {
  expect(parseConfig(["--json"], {}).json).toBe(true);
  expect(parseConfig(["--json=false"], { HAMLET_JSON: "1" }).json).toBe(false);
  expect(messageOf([], { HAMLET_JSON: "maybe" })).toBe(
    "HAMLET_JSON=maybe is not usable: --json takes true or false.",
  );
});

test("address ranges are checked and made whole; uses of a list flag add up", () => {
  const { egressAllow } = parseConfig(
    ["--egress-allow", "127.0.0.1:80,10.0.0.0/8", "--egress-allow", "[FD00::1]:5"],
    {},
  );
  expect(egressAllow).toEqual(["127.0.0.1:80", "10.0.0.0/8", "[fd00::1]:5"]);
  expect(parseConfig([], { HAMLET_EGRESS_DENY: "fd00::/8, ::1" }).egressDeny).toEqual([
    "fd00::/8",
    "::1/128",
  ]);
  expect(parseConfig(["--trusted-proxy", "::1"], {}).trustedProxy).toEqual(["::1/128"]);
  for (const bad of [
    "1.2.3",
    "1.2.3.4/33",
    "1.2.3.4:0",
    "1.2.3.4:65536",
    "host",
    "[::1",
    "::1/129",
    "1.2.3.4/",
  ]) {
    expect(messageOf(["--egress-allow", bad])).toContain("--egress-allow takes an address range");
  }
});

test("a mistake is one sentence that names the flag and what it takes", () => {
  const cases: [string[], string][] = [
    [["--port", "70000"], "--port 70000 is not usable: --port takes a whole number from 0 to 65535."],
    [["--port"], "--port is not usable without a value: it takes a whole number from 0 to 65535."],
    [["--sandbox", "none"], "--sandbox none is not usable: --sandbox takes auto, strict or deno."],
    [["--prot", "1"], "hamlet serve does not know the flag --prot: did you mean --port?"],
    [
      ["--frobnicate"],
      'hamlet serve does not know the flag --frobnicate: "hamlet serve --help" lists what it takes.',
    ],
    [["start"], 'hamlet serve takes only flags, not "start".'],
    [["--domain", "Not A Name"], "--domain Not A Name is not usable: --domain takes a lower-case host name."],
    [
      ["--public-url", "example.com"],
      "--public-url example.com is not usable: --public-url takes a scheme, host and port, such as https://hamlet.example.",
    ],
  ];
  for (const [argv, message] of cases) expect(messageOf(argv)).toBe(message);
});

test("the switch for the abuse suite takes one exact word and is in neither help nor docs", () => {
  expect(parseConfig([], { HAMLET_UNSAFE_PERMISSIONS: "allow-all" }).unsafePermissions).toBe(true);
  expect(messageOf([], { HAMLET_UNSAFE_PERMISSIONS: "1" })).toContain("only allow-all");
  expect(renderFlags(SERVE_FLAGS) + renderTable(SERVE_FLAGS)).not.toMatch(/unsafe/i);
});

test("help names every flag once, with its default", () => {
  const lines = renderFlags(SERVE_FLAGS).split("\n");
  expect(lines).toHaveLength(Object.keys(SERVE_FLAGS).length);
  expect(lines.find((line) => line.includes("--max-body …"))).toEndWith(
    "Largest request body. Default: 100MB.",
  );
  expect(lines.find((line) => line.includes("--json "))).not.toContain("Default");
});

test("a password in a value that is not usable is not repeated", () => {
  for (const [name, value] of [
    ["HAMLET_SMTP_URL", "smpt://ann:s3cret@mail.example"],
    ["HAMLET_OPENAI_KEY", "s3cret key"],
  ] as const) {
    const parse = () => parseConfig([], { [name]: value });
    expect(parse).toThrow(name);
    expect(parse).not.toThrow("s3cret");
  }
});

test("npm's and Deno's own variables for the registries are respected, ours win", () => {
  const registryOf = (env: Record<string, string>, ...argv: string[]) => parseConfig(argv, env).registry;
  expect(registryOf({})).toBeUndefined();
  expect(registryOf({ npm_config_registry: "https://a.example/" })).toBe("https://a.example/");
  expect(registryOf({ NPM_CONFIG_REGISTRY: "https://b.example/npm/" })).toBe("https://b.example/npm/");
  const both = { HAMLET_REGISTRY: "https://c.example", npm_config_registry: "https://a.example/" };
  expect(registryOf(both)).toBe("https://c.example");
  expect(registryOf(both, "--registry", "http://127.0.0.1:4873/")).toBe("http://127.0.0.1:4873/");
  expect(parseConfig([], { JSR_URL: "https://jsr.example/" }).jsrUrl).toBe("https://jsr.example/");
  for (const bad of ["ftp://a.example", "a.example", "https://user:secret@a.example/", "https://a/?x"])
    expect(messageOf(["--registry", bad])).toContain("an address");
});

test("databases on an sqld need both of its addresses", () => {
  const [url, adminUrl] = ["http://127.0.0.1:8080", "http://127.0.0.1:8081"];
  const both = ["--sqlite-url", url, "--sqlite-admin-url", adminUrl];
  expect(parseConfig(both, {})).toMatchObject({ sqliteUrl: url, sqliteAdminUrl: adminUrl });
  expect(messageOf(["--sqlite-url", url])).toContain("both of --sqlite-url and --sqlite-admin-url");
});
