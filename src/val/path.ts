import { MAX_NAME, MAX_PATH, SEGMENT } from "./name.ts";

/** Why this is no path of a file or folder, as a sentence; undefined when it is one. The root, `""`, is none. */
export function pathProblem(path: string): string | undefined {
  if (path === "") return "A path must name a file or directory; this one is empty.";
  if (path.length > MAX_PATH) return `A path has at most ${MAX_PATH} characters; this has ${path.length}.`;
  for (const segment of path.split("/")) {
    const problem = segmentProblem(segment);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Why this is no name of a file or folder, as a sentence; undefined when it is one. */
export function segmentProblem(segment: string): string | undefined {
  if (segment === "") return "A path has no empty segment, and neither begins nor ends with a slash.";
  if (segment === "." || segment === "..") return `A file or directory cannot be named ${segment}`;
  if (segment.length > MAX_NAME)
    return `A file's or directory's name has at most ${MAX_NAME} characters; this has ${segment.length}.`;
  return SEGMENT.test(segment)
    ? undefined
    : "A file's or directory's name consists of letters, digits and the characters $ [ ] ( ) - _ .";
}

/** The path of the folder that holds `path`; `""` is the root. */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash === -1 ? "" : path.slice(0, slash);
}

/** The last segment of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** A folder's path and a name, joined. */
export function joinPath(parent: string, name: string): string {
  return parent === "" ? name : `${parent}/${name}`;
}

/** Every folder above `path`, the outermost first, without the root. */
export function ancestorsOf(path: string): string[] {
  const ancestors: string[] = [];
  for (let slash = path.indexOf("/"); slash !== -1; slash = path.indexOf("/", slash + 1)) {
    ancestors.push(path.slice(0, slash));
  }
  return ancestors;
}

/** Whether `path` lies inside `folder` (not when they are equal). */
export function isInside(path: string, folder: string): boolean {
  return folder === "" ? path !== "" : path.startsWith(`${folder}/`);
}
