/** What the build adds. */

declare module "virtual:routes" {
  /** Method and path of every route, by the name of its contract. */
  const routes: Readonly<Record<string, readonly [method: string, path: string]>>;
  export default routes;
}

declare module "*.css";

declare module "*?worker" {
  const Made: new () => Worker;
  export default Made;
}

declare module "*?raw" {
  const text: string;
  export default text;
}

declare module "*?url" {
  const url: string;
  export default url;
}

interface ImportMeta {
  /** Vite's: each file that fits, by its path from here, as a function that loads it. */
  glob<T>(
    pattern: string | readonly string[],
    options: { query?: string; import?: string },
  ): Record<string, () => Promise<T>>;
}

declare module "virtual:editor-types" {
  /** Declarations of the language and of Deno, by the name of their file. */
  const types: Readonly<Record<string, string>>;
  export default types;
}
