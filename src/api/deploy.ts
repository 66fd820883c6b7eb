/** What whoever builds and serves vals has to offer the API. */
export type { BuildReport, Deploy, Diagnostic, Limits } from "./routes/types.ts";
