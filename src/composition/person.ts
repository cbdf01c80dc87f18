/** The person before the terminal, where there is one. */
import type { StackFlags } from '../commands/flags.ts';
import type { Approver } from '../engine/approval.ts';
import type { Clock } from '../engine/clock.ts';
import { colorLevel } from './color.ts';
import { columnsOf } from './columns.ts';
import type { Io } from './io.ts';

/** True where somebody can be asked: a keyboard and a screen, and nobody said otherwise. */
export function canAsk(flags: StackFlags, io: Io): boolean {
  if (flags.input === false || isSet(io.env['CI'])) return false;
  return io.stdin?.isTTY === true && io.stderr.isTTY === true;
}

export function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== 'false';
}

/** Opens the prompt when it is needed first. */
export function personAt(
  flags: StackFlags,
  io: Io,
  by: string,
  clock: Clock,
  hold: () => () => void,
): () => Promise<Approver> {
  return async () => {
    const { terminalApprover } = await import('../terminal/approver.ts');
    const stdin = io.stdin?.stream?.();
    const output = io.stderr.stream?.();
    if (stdin === undefined || output === undefined) throw new TypeError('there is no terminal to ask at');
    return terminalApprover({
      stdin,
      output,
      columns: columnsOf(io),
      color: colorLevel(flags, io, io.stderr) > 0,
      clock,
      by,
      interrupt: () => io.interrupt?.(),
      hold,
    });
  };
}
