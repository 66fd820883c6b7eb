import { RadioGroup } from "radix-ui";
import { TEMPLATES } from "./templates.ts";

/** The templates, of which one is chosen: arrow keys go through them. */
export function TemplateCards({ chosen, onChoose }: { chosen: string; onChoose: (id: string) => void }) {
  return (
    <RadioGroup.Root className="new-cards" value={chosen} onValueChange={onChoose} aria-label="Template">
      {TEMPLATES.map(({ id, title, about, icon: Icon }) => (
        <RadioGroup.Item key={id} value={id} className="new-card" aria-label={title}>
          <Icon size={18} aria-hidden />
          <span>
            <strong>{title}</strong>
            <span className="small quiet">{about}</span>
          </span>
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  );
}
