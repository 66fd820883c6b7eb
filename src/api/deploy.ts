/** What whoever builds and serves vals has to offer the API. */
export type {
  BuildReport,
  Deploy,
  Diagnostic,
  EndpointCall,
  Limits,
  RunAnswer,
  RunLine,
  RunRequest,
  Runs,
  WorkerStats,
} from "./routes/types.ts";
