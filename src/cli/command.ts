import { parseCommand } from "../config.ts";
import type { Flags, Values } from "../flags.ts";

/** Where a command's lines go: results to `out`, complaints to `err`. */
export interface Output {
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
}

export interface Command {
  /** One or two words, as typed. */
  readonly name: string;
  /** What follows the name, as shown in help. */
  readonly usage: string;
  readonly summary: string;
  readonly flags: Flags;
  /** Resolves with the exit code. Throws HamletError `config` for what the person can mend. */
  readonly run: (argv: readonly string[], output: Output) => Promise<number>;
}

/** A command whose flags are parsed before it runs. */
export function defineCommand<F extends Flags>(
  command: Omit<Command, "flags" | "run"> & {
    readonly flags: F;
    readonly run: (values: Values<F>, positionals: readonly string[], output: Output) => Promise<number>;
  },
): Command {
  return {
    ...command,
    async run(argv, output) {
      const { values, positionals } = parseCommand(command.name, command.flags, argv);
      return command.run(values, positionals, output);
    },
  };
}
