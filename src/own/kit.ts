/** The step constructors, bound to what a team's own runbook may ask, do and is told. */
import { stepsFor } from '../engine/steps-for.ts';
import type { OwnActPorts, OwnPorts, RunbookSettings } from '../runbooks/kit.ts';

export const { observe, decide, approve, manual, act, wait, waitMeasured, verify, verifyMeasured } = stepsFor<
  OwnPorts,
  RunbookSettings,
  OwnActPorts
>();
