/** What is wrong with a configuration, and how that is told: one line a fault, with the place where it stands. */
import { NanoopsError } from '../errors.ts';
import { formatPath, type Path } from './path.ts';
import { printable } from './printable.ts';
import type { Position } from './tree.ts';

export interface Fault {
  readonly path: Path;
  readonly position?: Position;
  /** Printable: nothing in it comes from the file unescaped. */
  readonly message: string;
  readonly suggestion?: string;
  /** True where there is no value, or an empty one: broken syntax nearby may be the reason. */
  readonly absent?: boolean;
  /** The overlay under which the fault shows, where the place alone does not say so. */
  readonly environment?: string;
}

/** `nanoops.yaml:12:3 api.loadBalancer: must be …; did you mean …?` */
export function formatFault(origin: string, fault: Fault): string {
  const position = fault.position === undefined ? '' : `:${fault.position.line}:${fault.position.column}`;
  const path = fault.path.length === 0 ? '' : ` ${formatPath(fault.path)}`;
  const environment = fault.environment === undefined ? '' : ` (with -e ${printable(fault.environment)})`;
  const suggestion = fault.suggestion === undefined ? '' : `; ${fault.suggestion}`;
  return `${printable(origin)}${position}${path}: ${fault.message}${suggestion}${environment}`;
}

/** More faults than this are those of a file that was never meant. */
const mostTold = 1000;

/** The error that tells all faults at once, in the order of the file, each once. */
export function invalidConfig(origin: string, faults: readonly Fault[], nextStep: string): NanoopsError {
  const inOrder = faults.toSorted(
    (one, other) =>
      (one.position?.line ?? 0) - (other.position?.line ?? 0) ||
      (one.position?.column ?? 0) - (other.position?.column ?? 0),
  );
  const told = [...new Set(inOrder.map((fault) => formatFault(origin, fault)))];
  const count = told.length === 1 ? 'one fault' : `${told.length} faults`;
  const untold = told.length - mostTold;
  const details = untold > 0 ? [...told.slice(0, mostTold), `… and ${untold} more`] : told;
  return new NanoopsError(`${printable(origin)} has ${count}; nothing was contacted`, {
    code: 'ConfigInvalid',
    exitCode: 2,
    details,
    nextStep,
  });
}
