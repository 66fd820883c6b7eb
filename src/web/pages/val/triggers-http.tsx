import { ExternalLink } from "lucide-react";
import { subdomainProblem } from "../../../val/domain.ts";
import { boot } from "../../client/boot.ts";
import { buttonClass, CopyButton } from "../../ui/button.tsx";
import { useVal } from "./context.ts";
import type { Trigger, TriggerFile } from "./triggers.tsx";
import { Domains } from "./triggers-domains.tsx";
import { NameOfChoice } from "./triggers-name.tsx";

const scheme = new URL(boot.town.origin).protocol;

/** Addresses of an endpoint. */
export function HttpTrigger({ file, trigger }: { file: TriggerFile; trigger: Trigger }) {
  const { mayWrite } = useVal();
  return (
    <>
      <ul className="triggers-list" aria-label="Addresses">
        {trigger.endpoints.map((url) => (
          <li key={url} className="panel-line">
            <a className="mono cut" href={url} title={url} target="_blank" rel="noreferrer">
              {url}
            </a>
            <CopyButton text={url} label={`Copy ${url}`} />
            <a
              className={buttonClass({ kind: "plain", small: true }, "icon")}
              href={url}
              target="_blank"
              rel="noreferrer"
              title="Open in a new tab"
              aria-label={`Open ${url} in a new tab`}
            >
              <ExternalLink size={15} />
            </a>
          </li>
        ))}
      </ul>
      {mayWrite && (
        <div className="panel-section">
          <NameOfChoice
            key={trigger.subdomain}
            fileId={file.id}
            name={trigger.subdomain}
            kind={{
              field: "subdomain",
              label: "Subdomain",
              hint: "3 to 63 letters, digits and single dashes; first come, first served.",
              before: `${scheme}//`,
              after: boot.town.webSuffix,
              check: subdomainProblem,
            }}
          />
        </div>
      )}
      {mayWrite && <Domains fileId={file.id} />}
    </>
  );
}
