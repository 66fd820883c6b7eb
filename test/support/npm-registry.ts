/** A small npm registry on loopback: what is published in it can be installed, and it can be told to misbehave. */

import { createHash } from "node:crypto";
import { packTar, type TarEntry } from "./tar.ts";

export interface Package {
  readonly name: string;
  readonly version: string;
  /** By path in the package; `package.json` is made of what else is said here. */
  readonly files?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  /** More fields of `package.json`. */
  readonly manifest?: object;
  /** The archive itself, in place of the one made of `files`. */
  readonly tarball?: Uint8Array | readonly TarEntry[];
  /** What the registry says the archive's hash is, when that is not true. */
  readonly integrity?: string;
}

type Answer = (request: Request) => Response | Promise<Response>;

interface Published {
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly tarball: Uint8Array;
}

/** Starts an empty one on a free port; it ends with the scope (`await using`). */
export function startNpmRegistry(...packages: readonly Package[]): NpmRegistry {
  const registry = new NpmRegistry();
  for (const one of packages) registry.publish(one);
  return registry;
}

export class NpmRegistry implements AsyncDisposable {
  /** `GET /name` and so on, in the order they came. */
  readonly requests: string[] = [];
  readonly #versions = new Map<string, Map<string, Published>>();
  readonly #answers = new Map<string, Answer>();
  readonly #server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    fetch: (request) => this.#answer(request),
  });

  get url(): string {
    return `http://127.0.0.1:${this.#server.port}/`;
  }

  publish(one: Package): void {
    const { name, version } = one;
    const tarball = toTarball(one);
    const integrity = one.integrity ?? `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
    const dist = { tarball: `${this.url}${name}/-/${version}.tgz`, integrity };
    const manifest = {
      ...toManifest(one),
      dist,
      ...(one.scripts?.install ? { hasInstallScript: true } : {}),
    };
    const versions = this.#versions.get(name) ?? new Map<string, Published>();
    this.#versions.set(name, versions.set(version, { manifest, tarball }));
  }

  /** Answer this path, such as `/left-pad` or `/left-pad/-/1.0.0.tgz`, in a way of the test's own. */
  on(path: string, answer: Answer): void {
    this.#answers.set(path, answer);
  }

  async #answer(request: Request): Promise<Response> {
    const path = decodeURIComponent(new URL(request.url).pathname);
    this.requests.push(`${request.method} ${path}`);
    const special = this.#answers.get(path);
    if (special) return special(request);
    const [, name = "", version] = /^\/(.+?)(?:\/-\/(.+)\.tgz)?$/.exec(path) ?? [];
    const versions = this.#versions.get(name);
    if (!versions) return Response.json({ error: "Not found" }, { status: 404 });
    if (version === undefined) return Response.json(toPackument(name, versions));
    const tarball = versions.get(version)?.tarball;
    return tarball ? new Response(Buffer.from(tarball)) : new Response(null, { status: 404 });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#server.stop(true);
  }
}

function toManifest({ files: _, tarball: __, integrity: ___, manifest, ...fields }: Package) {
  return { ...fields, ...manifest };
}

function toTarball(one: Package): Uint8Array {
  const { tarball, files = {} } = one;
  if (tarball instanceof Uint8Array) return tarball;
  if (tarball) return packTar(tarball);
  const all = {
    "package.json": JSON.stringify({ type: "module", main: "index.js", ...toManifest(one) }),
    ...files,
  };
  return packTar(Object.entries(all).map(([path, body]) => ({ name: `package/${path}`, body })));
}

/** The newest version is the one that was published last. */
function toPackument(name: string, versions: ReadonlyMap<string, Published>) {
  return {
    name,
    "dist-tags": { latest: [...versions.keys()].at(-1) },
    versions: Object.fromEntries([...versions].map(([version, { manifest }]) => [version, manifest])),
    time: Object.fromEntries([...versions.keys()].map((version) => [version, "2020-01-01T00:00:00.000Z"])),
  };
}
