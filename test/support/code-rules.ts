/** Rules for the code base that need no table. */

/** Texts by path. */
export type Tree = Readonly<Record<string, string>>;

/** A sentence for each file that can be reached from itself. */
export function findCycles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const reaches = (from: string, goal: string, seen = new Set<string>()): boolean =>
    (graph.get(from) ?? []).some((to) => to === goal || (!seen.has(to) && reaches(to, goal, seen.add(to))));
  return [...graph.keys()]
    .filter((file) => reaches(file, file))
    .map((file) => `${file} is part of an import cycle`);
}

/** A sentence for each package without an exact version or a reason. */
export function checkPackages(tree: Tree): string[] {
  const { dependencies = {}, devDependencies = {} } = JSON.parse(tree["package.json"] ?? "{}");
  const reasons = tree["docs/dependencies.md"] ?? "";
  return Object.entries({ ...dependencies, ...devDependencies }).flatMap(([name, version]) => [
    ...(/^(npm:[\w-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(String(version))
      ? []
      : [`package.json: ${name} ${version} is not pinned`]),
    ...(reasons.includes(`\`${name}\``) ? [] : [`docs/dependencies.md does not say why ${name} is there`]),
  ]);
}
