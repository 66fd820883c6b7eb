import { useState } from "react";
import { sayProblem } from "../../client/problem.ts";

/** Something that is done on demand: whether it is under way, and what went wrong the last time. */
export function useAct() {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  /** Whether it succeeded. */
  const act = async (work: () => unknown): Promise<boolean> => {
    setBusy(true);
    setProblem(undefined);
    try {
      await work();
      return true;
    } catch (error) {
      setProblem(sayProblem(error));
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, problem, setProblem, act };
}
