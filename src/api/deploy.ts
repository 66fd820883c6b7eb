/** What whoever builds and serves vals has to offer the API. */
export type {
  BuildReport,
  Deploy,
  Diagnostic,
  EndpointCall,
  Limits,
  MailDoor,
  RunAnswer,
  RunLine,
  RunRequest,
  Runs,
  TestMail,
  WorkerStats,
} from "./routes/types.ts";
