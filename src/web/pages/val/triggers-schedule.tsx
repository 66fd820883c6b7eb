import { type FormEvent, useMemo, useState } from "react";
import { isSchedule, parseSchedule, toZoned, upcoming } from "../../../val/schedule.ts";
import { call } from "../../client/call.ts";
import { invalidate } from "../../client/queries.ts";
import { Button } from "../../ui/button.tsx";
import { Field, Input, Select } from "../../ui/field.tsx";
import { toast } from "../../ui/toast.tsx";
import {
  CRON_FIELDS,
  fromForm,
  type ScheduleForm,
  toForm,
  UNITS,
  type Unit,
  withField,
} from "./schedule-form.ts";
import { NextRuns } from "./triggers-next.tsx";
import { useAct } from "./use-act.ts";

const ZONES = [...new Set(["UTC", ...Intl.supportedValuesOf("timeZone")])];
const SHOWN = 5;

interface Saved {
  readonly schedule: string;
  readonly timeZone: string;
}

/** Changes when an interval file runs, and shows at once what would come of it. */
export function ScheduleEditor({
  fileId,
  saved,
  onClose,
}: {
  fileId: string;
  saved: Saved;
  onClose: () => void;
}) {
  const [form, setForm] = useState(() => toForm(saved.schedule));
  const [timeZone, setTimeZone] = useState(saved.timeZone);
  const { busy, problem, setProblem, act } = useAct();
  const schedule = fromForm(form);
  const read = useMemo(() => readSchedule(schedule, timeZone), [schedule, timeZone]);
  const change = (next: ScheduleForm) => {
    setForm(next);
    setProblem(undefined);
  };
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const done = await act(async () => {
      await call("updateTrigger", { params: { file_id: fileId }, json: { schedule, timeZone } });
      await invalidate("getTrigger");
    });
    if (!done) return;
    toast(`The schedule is ${schedule} now.`);
    onClose();
  };
  const wrong = read.problem ?? problem?.replace(/^body\/\w+: /, "");
  return (
    <form className="triggers-schedule" onSubmit={save} aria-label="Schedule">
      <KindOfSchedule form={form} onChange={change} />
      {form.kind === "simple" ? (
        <Simple form={form} onChange={change} />
      ) : (
        <CronFields form={form} onChange={change} />
      )}
      <Field label="Time zone" hint={form.kind === "simple" ? "Days begin at its midnight." : undefined}>
        <Select
          value={timeZone}
          onChange={(event) => {
            setTimeZone(event.target.value);
            setProblem(undefined);
          }}
        >
          {(ZONES.includes(timeZone) ? ZONES : [timeZone, ...ZONES]).map((zone) => (
            <option key={zone}>{zone}</option>
          ))}
        </Select>
      </Field>
      {wrong !== undefined && (
        <div className="note bad" role="alert">
          {wrong}
        </div>
      )}
      {read.next !== undefined && <NextRuns title="It would run at" next={read.next} timeZone={timeZone} />}
      <div className="panel-actions">
        <Button type="submit" kind="primary" busy={busy} disabled={wrong !== undefined}>
          Save schedule
        </Button>
        <Button onClick={onClose}>Cancel</Button>
      </div>
    </form>
  );
}

/** The town knows more, such as how often one may; this is what can be said while one types. */
function readSchedule(
  text: string,
  timeZone: string,
): { problem?: undefined; next: string[] } | { problem: string; next?: undefined } {
  const parsed = parseSchedule(text, timeZone);
  if (!isSchedule(parsed)) return { problem: parsed.problem };
  return { next: upcoming(parsed, Date.now(), SHOWN).map((at) => toZoned(at, timeZone)) };
}

interface Part {
  readonly form: ScheduleForm;
  readonly onChange: (form: ScheduleForm) => void;
}

function KindOfSchedule({ form, onChange }: Part) {
  const kinds = [
    ["simple", "Every so often"],
    ["cron", "At certain times (cron)"],
  ] as const;
  return (
    <fieldset className="triggers-kind">
      <legend className="unseen">Kind of schedule</legend>
      {kinds.map(([kind, label]) => (
        <label key={kind} className="row">
          <input
            type="radio"
            name="kind"
            checked={form.kind === kind}
            onChange={() => onChange({ ...form, kind })}
          />
          {label}
        </label>
      ))}
    </fieldset>
  );
}

function Simple({ form, onChange }: Part) {
  return (
    <div className="triggers-simple">
      <Field label="Every">
        <Input
          type="number"
          min={1}
          max={UNITS[form.unit]}
          value={form.count}
          onChange={(event) => onChange({ ...form, count: event.target.value })}
        />
      </Field>
      <Field label="Unit">
        <Select
          value={form.unit}
          onChange={(event) => onChange({ ...form, unit: event.target.value as Unit })}
        >
          {Object.keys(UNITS).map((unit) => (
            <option key={unit} value={unit}>
              {form.count === "1" ? unit : `${unit}s`}
            </option>
          ))}
        </Select>
      </Field>
    </div>
  );
}

function CronFields({ form, onChange }: Part) {
  return (
    <div className="stack tight">
      <div className="triggers-cron">
        {CRON_FIELDS.map((label, at) => (
          <Field key={label} label={label}>
            <Input
              className="mono"
              value={form.fields[at]}
              spellCheck={false}
              onChange={(event) => onChange(withField(form, at, event.target.value))}
            />
          </Field>
        ))}
      </div>
      <p className="quiet small">
        <code>*</code> any, <code>*/15</code> every 15, <code>1-5</code> from to, <code>1,3</code> both,{" "}
        <code>L</code> the last. Weekdays are 0–7 or names. A whole expression can be pasted into any field.
      </p>
    </div>
  );
}
