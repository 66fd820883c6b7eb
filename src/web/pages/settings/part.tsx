/** What the parts of the settings are made of. */

import { type FormEvent, type ReactNode, useState } from "react";
import { sayProblem } from "../../client/problem.ts";

/** A heading and what is below it. */
export const Section = ({
  title,
  about,
  children,
}: {
  title: string;
  about?: ReactNode;
  children: ReactNode;
}) => (
  <section className="stack tight">
    <h2>{title}</h2>
    {about !== undefined && <p className="quiet">{about}</p>}
    {children}
  </section>
);

/** Work of a form: whether it is under way, and why it failed. */
export function useWork(): {
  busy: boolean;
  problem: string | undefined;
  /** Takes no second press, keeps the page, and says what went wrong. */
  submit(work: () => Promise<unknown>): (event?: FormEvent) => void;
} {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const run = async (work: () => Promise<unknown>) => {
    setBusy(true);
    setProblem(undefined);
    try {
      await work();
    } catch (error) {
      setProblem(sayProblem(error));
    } finally {
      setBusy(false);
    }
  };
  return {
    busy,
    problem,
    submit: (work) => (event) => {
      event?.preventDefault();
      void run(work);
    },
  };
}
