/** Rules on what a runbook's steps ask and change: nothing that must come out well may need the region that is gone. */
import type { AnyStep } from '../engine/step.ts';
import { isWayBack, lossy, switchover } from './database-moves.ts';
import { counted, listed, type LintCheck, type LintEvidence } from './finding.ts';
import type { LintInput } from './input.ts';
import { boundedMs, longestMs, pathOf, type Path } from './path.ts';
import { placeText, standingOf } from './places.ts';

/** A step that needs the region, and what of it does. */
interface Dependent {
  readonly step: AnyStep;
  /** Operations by which it looks, with why each needs the region. */
  readonly calls: readonly Needing[];
  /** The same of those by which it changes something, and those that do without the region. */
  readonly changes: readonly Needing[];
  readonly otherChanges: readonly string[];
}

interface Needing {
  readonly operation: string;
  readonly reason: string;
}

const seconds = (ms: number): string =>
  ms < 120_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;

function needing({ impaired, layout }: LintInput, step: AnyStep, operations: readonly string[]): readonly Needing[] {
  return operations.flatMap((operation) => {
    const standing = standingOf(step, operation, impaired, layout);
    return standing.state === 'needs' ? [{ operation, reason: standing.reason }] : [];
  });
}

function dependentsIn(input: LintInput): readonly Dependent[] {
  const { runbook, impaired, layout } = input;
  return runbook.steps.flatMap((step) => {
    const calls = needing(input, step, step.calls);
    const changes = needing(input, step, step.changes);
    const otherChanges = step.changes.filter(
      (operation) =>
        standingOf(step, operation, impaired, layout).state === 'spares' &&
        // Nothing may be lost by a way back.
        !(isWayBack(step.id) && step.changes.includes(switchover) && lossy.has(operation)),
    );
    return calls.length + changes.length === 0 ? [] : [{ step, calls, changes, otherChanges }];
  });
}

function evidence(
  { impaired }: LintInput,
  { id }: AnyStep,
  needs: readonly Needing[],
  more = '',
): readonly LintEvidence[] {
  const byReason = new Map<string, string[]>();
  for (const { operation, reason } of needs) byReason.set(reason, [...(byReason.get(reason) ?? []), operation]);
  return [...byReason].map(([reason, operations]) => ({
    source: `nanoops:${id}`,
    region: impaired,
    detail: `${listed(operations)}, which ${operations.length === 1 ? reason : reason.replace(/^is /, 'are ').replace(/^leans/, 'lean')}${more}`,
  }));
}

/**
 * A short look at the same API of the region, from which it was decided whether the step has anything to do: it then asks a
 * region that has answered. Needed by the step itself, or by what planned it.
 */
function looksBefore(input: LintInput, path: Path, { step, calls, changes }: Dependent): AnyStep | undefined {
  if (!path.isSettled(step)) return undefined;
  const reasons = new Set([...calls, ...changes].map(({ reason }) => reason));
  return path
    .groundsOf(step)
    .find(
      (each) =>
        each.kind === 'observe' &&
        !path.isRequired(each) &&
        longestMs(each) <= boundedMs &&
        needing(input, each, each.calls).some(({ reason }) => reasons.has(reason)),
    );
}

const isTraffic = ({ where }: AnyStep): boolean => where === 'dns' || where === 'switches';

function isLost({ impaired, layout }: LintInput, step: AnyStep, operations: readonly string[]): boolean {
  return operations.some((operation) => standingOf(step, operation, impaired, layout).state === 'unknown');
}

/** What `callChecks` and the rule on the switch of traffic make of the steps. */
export interface Walked {
  /** Steps that must come out well and need the region by what they ask. */
  readonly required: readonly Dependent[];
  /** Steps whose every change needs the region. */
  readonly acting: readonly Dependent[];
  readonly slow: readonly Dependent[];
  readonly bounded: readonly Dependent[];
  /** With the look that comes before. */
  readonly guarded: readonly (Dependent & { readonly look: AnyStep })[];
  /** Steps that have another way. */
  readonly otherwise: readonly Dependent[];
  /** Steps that do not say where their calls go. */
  readonly lost: readonly AnyStep[];
}

export function walk(input: LintInput): Walked {
  const path = pathOf(input.runbook);
  const walked = {
    required: [] as Dependent[],
    acting: [] as Dependent[],
    slow: [] as Dependent[],
    bounded: [] as Dependent[],
    guarded: [] as (Dependent & { readonly look: AnyStep })[],
    otherwise: [] as Dependent[],
    lost: input.runbook.steps.filter((step) => isLost(input, step, [...step.calls, ...step.changes])),
  };
  for (const each of dependentsIn(input)) {
    const { step, calls, changes, otherChanges } = each;
    const look = looksBefore(input, path, each);
    if (look !== undefined) walked.guarded.push({ ...each, look });
    else if (changes.length > 0 && otherChanges.length === 0) walked.acting.push(each);
    else if (calls.length > 0 && path.isRequired(step)) walked.required.push(each);
    else if (changes.length > 0) walked.otherwise.push(each);
    else if (longestMs(step) > boundedMs) walked.slow.push(each);
    else walked.bounded.push(each);
  }
  return walked;
}

/** Steps at the switch of traffic, which a rule of its own judges. */
export function trafficEvidence(input: LintInput, { required, acting }: Walked): readonly LintEvidence[] {
  return [...acting, ...required]
    .filter(({ step }) => isTraffic(step))
    .flatMap(({ step, calls, changes }) => evidence(input, step, [...changes, ...calls]));
}

export function callChecks(input: LintInput, walked: Walked): readonly LintCheck[] {
  return [
    requiredCalls(input, walked),
    optionalCalls(input, walked),
    actingOperations(input, walked),
    creations(input),
    places(input, walked),
  ];
}

function requiredCalls(input: LintInput, { required, lost }: Walked): LintCheck {
  const { impaired, runbook } = input;
  const found = required.filter(({ step }) => !isTraffic(step));
  const rule = {
    id: 'lint-required-calls',
    title: `What must be answered is asked outside ${impaired}`,
    area: 'path',
    severity: 'critical',
  } as const;
  if (found.length === 0) {
    return lost.length === 0
      ? {
          ...rule,
          status: 'ok',
          summary: `no step that ${runbook.id} cannot do without asks ${impaired}`,
          evidence: [],
        }
      : { ...rule, status: 'unknown', summary: 'not every step says where it asks (lint-places)', evidence: [] };
  }
  const isResync = found.every(({ step }) => step.id.endsWith('failback-resynced'));
  return {
    ...rule,
    status: 'breach',
    summary: `${counted(found.length, 'step')} of ${runbook.id} must be answered by ${impaired}: ${listed(found.map(({ step }) => step.id))}`,
    nextStep: isResync
      ? `a way back waits for the region that it leaves: prepare an environment (environments) in which ${impaired} is the primary region, and use dr failover with it`
      : `ask another region, or let every step that needs it go on without its answer (settled), and give it ${seconds(boundedMs)} at most`,
    evidence: found.flatMap(({ step, calls }) => evidence(input, step, calls)),
  };
}

function optionalCalls(input: LintInput, { slow, bounded, guarded }: Walked): LintCheck {
  const { impaired, runbook } = input;
  const rule = {
    id: 'lint-optional-calls',
    title: `What is asked of ${impaired} for want of better is short`,
    area: 'path',
    severity: 'warning',
  } as const;
  const told = [
    ...bounded.flatMap(({ step, calls }) =>
      evidence(input, step, calls, `: for ${seconds(longestMs(step))} at most, and nothing depends on the answer`),
    ),
    ...guarded.flatMap(({ step, calls, changes, look }) =>
      evidence(
        input,
        step,
        [...changes, ...calls],
        `: only after the region was asked for a short time (${look.id}), and everything goes on without it`,
      ),
    ),
  ];
  if (slow.length > 0) {
    return {
      ...rule,
      status: 'warning',
      summary: `${counted(slow.length, 'step')} of ${runbook.id} may wait for ${impaired} longer than ${seconds(boundedMs)}: ${listed(slow.map(({ step }) => step.id))}`,
      nextStep: `give each of them ${seconds(boundedMs)} in all (timeoutMs, retry)`,
      evidence: [
        ...slow.flatMap(({ step, calls }) => evidence(input, step, calls, `: for ${seconds(longestMs(step))} at most`)),
        ...told,
      ],
    };
  }
  const count = bounded.length + guarded.length;
  return {
    ...rule,
    status: 'ok',
    summary:
      count === 0
        ? `nothing is asked of ${impaired}`
        : `${counted(count, 'step')} ask${count === 1 ? 's' : ''} ${impaired}; nothing waits for the answer for long`,
    evidence: told,
  };
}

function actingOperations(input: LintInput, { acting, otherwise, lost }: Walked): LintCheck {
  const { impaired, runbook } = input;
  const found = acting.filter(({ step }) => !isTraffic(step));
  const rule = {
    id: 'lint-changes',
    title: `What is changed is changed outside ${impaired}`,
    area: 'path',
    severity: 'critical',
  } as const;
  const told = otherwise.flatMap(({ step, changes, otherChanges }) =>
    evidence(input, step, changes, `: it has another way, ${listed(otherChanges)}`),
  );
  if (found.length === 0 && lost.some((step) => isLost(input, step, step.changes))) {
    return { ...rule, status: 'unknown', summary: 'not every step says where it acts (lint-places)', evidence: told };
  }
  if (found.length === 0) {
    return {
      ...rule,
      status: 'ok',
      summary: `every change that ${runbook.id} must make can be made without ${impaired}`,
      evidence: told,
    };
  }
  return {
    ...rule,
    status: 'breach',
    summary: `${counted(found.length, 'step')} of ${runbook.id} can change what ${found.length === 1 ? 'it has' : 'they have'} to only through ${impaired}: ${listed(found.map(({ step }) => step.id))}`,
    nextStep: 'prepare beforehand what is changed here, or change it through a region that survives',
    evidence: [...found.flatMap(({ step, changes }) => evidence(input, step, changes)), ...told],
  };
}

/** What makes something new, by how bad it is on the path. */
const tolerated: ReadonlySet<string> = new Set(['rds:CreateDBInstance']);
const heavy =
  /^(?:elasticloadbalancing|elasticache|cloudfront|acm|iam|servicediscovery):(?:Create|Request)|^s3:CreateBucket$|^ec2:(?:CreateVpc|CreateNat|CreateSubnet)/;
const making = /^[a-z0-9-]+:(?:Create|Restore|RunInstances|Request|Allocate|Provision)/;

/** AWS asks for static stability: what is to take over is there beforehand (Fault Isolation Boundaries, "Static stability"). */
function creations({ runbook, layout }: LintInput): LintCheck {
  const made = runbook.steps.flatMap((step) =>
    step.changes.filter((operation) => making.test(operation)).map((operation) => ({ step, operation })),
  );
  const rule = {
    id: 'lint-creations',
    title: 'What takes over is there beforehand',
    area: 'traps',
    severity: 'critical',
  } as const;
  const bad = made.filter(({ operation }) => heavy.test(operation));
  const doubtful = made.filter(({ operation }) => !heavy.test(operation) && !tolerated.has(operation));
  const told = made.map(({ step, operation }) => ({
    source: `nanoops:${step.id}`,
    region: placeText(step, operation, layout),
    detail: tolerated.has(operation)
      ? `${operation}, for a cluster without an instance: it takes minutes, and capacity may be short in an outage`
      : operation,
  }));
  if (bad.length + doubtful.length === 0) {
    return {
      ...rule,
      status: 'ok',
      summary:
        made.length === 0
          ? 'nothing is made on the way'
          : 'nothing is made on the way, unless the cluster has no instance',
      evidence: told,
    };
  }
  return {
    ...rule,
    status: bad.length > 0 ? 'breach' : 'warning',
    summary: `${runbook.id} makes ${listed([...new Set([...bad, ...doubtful].map(({ operation }) => operation))])} on its way, when many others want the same`,
    nextStep: 'make it beforehand, and keep it: a standby that has to be made first may not come in time',
    evidence: told,
  };
}

function places({ runbook }: LintInput, { lost }: Walked): LintCheck {
  const rule = {
    id: 'lint-places',
    title: 'Every step says where its calls go',
    area: 'path',
    severity: 'warning',
  } as const;
  if (lost.length === 0) {
    return { ...rule, status: 'ok', summary: `each step of ${runbook.id} does`, evidence: [] };
  }
  return {
    ...rule,
    status: 'unknown',
    summary: `where ${counted(lost.length, 'step')} of ${runbook.id} ask${lost.length === 1 ? 's' : ''} is not said: ${listed(lost.map(({ id }) => id))}`,
    nextStep: 'say it of each step (where): primary, recovery, dns, switches, outside, or the name of a region',
    evidence: lost.map((step) => ({
      source: `nanoops:${step.id}`,
      region: step.where ?? 'not said',
      detail: listed([...step.calls, ...step.changes]),
    })),
  };
}
