import { Send } from "lucide-react";
import { useState } from "react";
import { mailboxProblem } from "../../../val/mailbox.ts";
import { boot } from "../../client/boot.ts";
import type { Row } from "../../client/contract.ts";
import { Button, CopyButton } from "../../ui/button.tsx";
import { useVal } from "./context.ts";
import type { Trigger, TriggerFile } from "./triggers.tsx";
import { Jobs } from "./triggers-jobs.tsx";
import { ReceivedMails } from "./triggers-mails.tsx";
import { NameOfChoice } from "./triggers-name.tsx";
import { TestMail } from "./triggers-test-mail.tsx";

/** Addresses of an email file, and what came to them. */
export function EmailTrigger({
  file,
  trigger,
  branch,
}: {
  file: TriggerFile;
  trigger: Trigger;
  branch: Row<"listBranches">;
}) {
  const { mayWrite } = useVal();
  const [tries, setTries] = useState(false);
  return (
    <>
      <ul className="triggers-list" aria-label="Addresses">
        {trigger.emailAddresses.map((address) => (
          <li key={address} className="panel-line">
            <a className="mono cut" href={`mailto:${address}`} title={address}>
              {address}
            </a>
            <CopyButton text={address} label={`Copy ${address}`} />
          </li>
        ))}
      </ul>
      {mayWrite && (
        <>
          <div className="panel-actions">
            <Button icon={<Send size={16} />} onClick={() => setTries(true)} disabled={tries}>
              Test mail
            </Button>
          </div>
          {tries && (
            <TestMail
              file={file}
              branchId={branch.id}
              to={trigger.emailAddresses[0] ?? ""}
              onClose={() => setTries(false)}
            />
          )}
          <div className="panel-section">
            <NameOfChoice
              key={trigger.emailName}
              fileId={file.id}
              name={trigger.emailName}
              kind={{
                field: "emailName",
                label: "Address of your choice",
                hint: "1 to 64 letters, digits, - and _; first come, first served.",
                before: "",
                after: `@${boot.town.mailDomain}`,
                check: mailboxProblem,
              }}
            />
          </div>
          <Jobs fileId={file.id} />
          <ReceivedMails fileId={file.id} />
        </>
      )}
    </>
  );
}
