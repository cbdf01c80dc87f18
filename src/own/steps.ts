/** The steps of a team's YAML file by their ids and names. Pure. */
import type { FileStep } from '../config/own/runbook-file.ts';

export function idOf(step: FileStep): string {
  if ('look' in step) return step.look;
  if ('approve' in step) return step.approve;
  if ('act' in step) return step.act;
  if ('wait' in step) return step.wait;
  if ('verify' in step) return step.verify;
  return 'manual' in step ? step.manual : step.notify;
}

/** How expressions call what a look found: JMESPath takes no hyphen in a name without quotes. */
export function valueName(id: string): string {
  return id.replaceAll('-', '_');
}
