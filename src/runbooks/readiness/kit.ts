/** The step constructors of readiness: what its steps are told goes beyond what every runbook is told. */
import type { ReadinessTold } from '../../checks/readiness/seen.ts';
import { stepsFor } from '../../engine/steps-for.ts';
import type { ActPorts, MoveSettings, RunbookPorts, RunbookSettings } from '../kit.ts';

export interface ReadinessSettings extends RunbookSettings {
  readonly move: MoveSettings;
  /** From what on something needs attention. */
  readonly failOn: 'warning' | 'breach';
  readonly told: Omit<ReadinessTold, 'nowMs'>;
}

export const { observe, decide } = stepsFor<RunbookPorts, ReadinessSettings, ActPorts>();
