import "./panel.css";
import "./settings.css";
import { useTitle } from "../../shell/title.ts";
import { useVal } from "./context.ts";
import { ForWriters } from "./for-writers.tsx";
import { DeleteSection } from "./settings-delete.tsx";
import { ExportSection } from "./settings-export.tsx";
import { AboutSection, PrivacySection } from "./settings-general.tsx";
import { OwnerSection } from "./settings-owner.tsx";

/** Name, description, privacy of a val; its export and its end. */
export function ValSettings() {
  const { val } = useVal();
  useTitle("Settings");
  return (
    <ForWriters what="settings">
      <div className="page narrow stack">
        <h2>Settings</h2>
        {/* What the town says now is where the forms begin. */}
        <AboutSection key={`${val.name} ${val.description}`} />
        <PrivacySection key={val.privacy} />
        <OwnerSection key={val.author.id} />
        <ExportSection />
        <DeleteSection />
      </div>
    </ForWriters>
  );
}
