/** What a val may want to know of itself. `std/utils/index.ts`, `std/utils` */

export {
  emailAddress,
  type File,
  fetchTranspiledJavaScript,
  getValId,
  httpEndpoint,
  listFiles,
  listFilesByPath,
  readFile,
} from "./files.ts";
export {
  getContentType,
  immutableFileUrl,
  serveFile,
  serveImmutableFile,
  staticHTTPServer,
} from "./serve-file.ts";
export { isMain, parseProject, parseVal, type ValMetadata } from "./val-url.ts";
export { waitUntil } from "./wait-until.ts";
