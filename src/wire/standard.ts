/** What the modules of the standard library are called. */

export interface StandardNames {
  /** From a file in its folder to the URL that it calls itself. */
  readonly urls: ReadonlyMap<string, string>;
  /** From a name below `std/` to such a URL. */
  readonly names: ReadonlyMap<string, string>;
}

/**
 * @param table from names, such as `std/blob` and `std/blob/main.ts`, to files
 * @param origin of module URLs
 */
export function nameStandard(
  table: Readonly<Record<string, string>>,
  files: readonly string[],
  origin: string,
): StandardNames {
  const modules = files.filter((file) => /\.(?:ts|tsx|js)$/.test(file) && !/\.test\.ts$/.test(file));
  const urls = new Map(
    modules.map((file) => {
      const names = Object.keys(table).filter((name) => table[name] === file);
      // `std/blob/main.ts` says of what kind it is, `std/blob` does not.
      const name = names.find((one) => /\.\w+$/.test(one)) ?? `std/${file}`;
      return [file, `${origin}/v/${name}`];
    }),
  );
  const names = Object.entries(table).flatMap(([name, file]) => {
    const url = urls.get(file);
    return url === undefined ? [] : [[name.replace(/^std\//, ""), url] as const];
  });
  return { urls, names: new Map(names) };
}
