import { useQuery } from "@tanstack/react-query";
import { query } from "../../client/queries.ts";
import { Loaded, Loading } from "../../ui/states.tsx";
import { UsageView } from "./usage.tsx";

/** `/settings/usage`: what one's account has and may have. */
export function UsagePart() {
  const usage = useQuery(query("getMyUsage", {}));
  return (
    <Loaded query={usage} loading={<Loading lines={10} />}>
      {(data) => <UsageView usage={data} />}
    </Loaded>
  );
}
