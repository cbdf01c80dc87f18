/** In which of two ways a drill is held: the flag, and its refusal for what is no drill. */
import { Option } from 'commander';
import { NanoopsError } from '../errors.ts';
import type { Move } from '../use-cases/moves.ts';

export interface DrillModeFlags {
  readonly mode?: Move['mode'];
}

/** `whose`: what the flag is of, where the command is not of drills alone. */
export function drillModeOption(whose = ''): Option {
  const text = `${whose}switchover: nothing is lost; failover: as in a real outage`;
  return new Option('--mode <mode>', text).choices(['switchover', 'failover']);
}

export function onlyOfDrills(nextStep: string): NanoopsError {
  return new NanoopsError('--mode cannot be given here: only a drill can be held in two ways', {
    code: 'FlagWithoutMeaning',
    exitCode: 2,
    nextStep,
  });
}
