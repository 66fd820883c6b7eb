import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { OAUTH_SCOPES } from "../../../val/scope.ts";
import { toWishes } from "../../../val/wishes.ts";
import { call } from "../../client/call.ts";
import type { Row } from "../../client/contract.ts";
import { invalidate, query } from "../../client/queries.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/dialog.tsx";
import { Ago } from "../../ui/small.tsx";
import { Empty, Loaded } from "../../ui/states.tsx";
import { Section } from "./part.tsx";

type Grant = Row<"listGrants">;
const nameOf = ({ client }: Grant): string => client.name || client.id;

/** `/settings/apps`: what one has let in by OAuth. */
export function AppsPart() {
  const grants = useQuery(query("listGrants", {}));
  const [revoking, setRevoking] = useState<Grant>();
  return (
    <Section
      title="Apps"
      about="What you allowed to use your account. Each has the name that it gave itself."
    >
      <Loaded query={grants}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty title="No app may use your account">An app asks when it wants to, and you decide.</Empty>
          ) : (
            <ul className="settings-rows" aria-label="Apps">
              {data.map((grant) => (
                <li key={grant.id}>
                  <div className="grow">
                    {nameOf(grant)}
                    <div className="small quiet">
                      Since <Ago at={grant.createdAt} />. May {sayWishes(grant)}.
                    </div>
                  </div>
                  <Button
                    small
                    kind="danger"
                    aria-label={`Send ${nameOf(grant)} away`}
                    onClick={() => setRevoking(grant)}
                  >
                    Revoke
                  </Button>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      {revoking !== undefined && (
        <Confirm
          title="Take back what the app may do?"
          text={`${nameOf(revoking)} is shut out at once. It can ask again.`}
          action="Revoke"
          onConfirm={async () => {
            await call("deleteGrant", { params: { grant_id: revoking.id } });
            await invalidate("listGrants");
          }}
          onClose={() => setRevoking(undefined)}
        />
      )}
    </Section>
  );
}

function sayWishes({ scopes }: Grant): string {
  const wishes = toWishes(OAUTH_SCOPES.filter((scope) => scopes.includes(scope)));
  return wishes.length === 0 ? "know who you are" : wishes.join("; ");
}
