import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { call } from "../../client/call.ts";
import { invalidate, queries } from "../../client/queries.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/dialog.tsx";
import { toast } from "../../ui/toast.tsx";
import { useVal } from "./context.ts";

/** The end of a val. */
export function DeleteSection() {
  const { val } = useVal();
  const [asks, setAsks] = useState(false);
  const navigate = useNavigate();
  const user = val.author.username ?? "";
  const remove = async () => {
    await call("deleteVal", { params: { val_id: val.id } });
    await navigate({ to: "/u/$name", params: { name: user } });
    // Nothing that was known of it is true any more.
    queries.removeQueries({ queryKey: ["getValByName"] });
    await invalidate("listMyVals");
    toast(`${user}/${val.name} is deleted.`);
  };
  return (
    <section className="card settings-section settings-danger" aria-label="Delete">
      <h3>Delete this val</h3>
      <p className="quiet">
        All of it goes, at once and for good: every branch and version, endpoints, variables, blobs, the
        database and logs. Remixes of it stay. An export, above, is the only way back.
      </p>
      <div className="panel-actions">
        <Button kind="danger" onClick={() => setAsks(true)}>
          Delete val…
        </Button>
      </div>
      {asks && (
        <Confirm
          title={`Delete ${user}/${val.name}?`}
          text="Whoever uses its endpoints or modules finds nothing there any more. This cannot be undone."
          action="Delete val"
          typed={val.name}
          onConfirm={remove}
          onClose={() => setAsks(false)}
        />
      )}
    </section>
  );
}
