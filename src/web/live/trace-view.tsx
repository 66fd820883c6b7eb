import { useQuery } from "@tanstack/react-query";
import { query } from "../client/queries.ts";
import { Loaded } from "../ui/states.tsx";

/** One call. */
export function TraceView({ trace }: { trace: string }) {
  const found = useQuery(query("getTrace", { params: { trace_id: trace } }));
  return <Loaded query={found}>{(call) => <pre>{JSON.stringify(call, null, 2)}</pre>}</Loaded>;
}
