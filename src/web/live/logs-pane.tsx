/** Logs and traces of a val, as they come. */
export function LogsPane({ valId }: { valId: string; fileId?: string }) {
  return <div className="page">Logs of {valId}</div>;
}
