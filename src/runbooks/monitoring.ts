/**
 * Makes what is to watch a stack: shows the plan, and with a yes carries it out, change by change, each region in its order.
 * Unlike other runbooks its steps follow from the plan: as many as there are changes. A run is taken up again with the plan
 * that its journal holds.
 */
import { monitoringReads } from '../cloud/monitoring.ts';
import { runbook } from '../engine/runbook.ts';
import { kindWords } from '../monitoring/wording.ts';
import { settled, type AnyStep } from '../engine/step.ts';
import { act, approve, decide, observe, verify, type AnyRunbook, type RunbookConclusion } from './kit.ts';
import {
  applyMonitoring,
  lookAtMonitoring,
  reverseChange,
  type MonitoringChange,
  type MonitoringInput,
} from './monitoring-changes.ts';

export type MonitoringRunbookId = 'alerts-apply' | 'dashboard-apply';

const approvalStep = 'approve-plan';

const titles = { 'alerts-apply': 'Alarms', 'dashboard-apply': 'Dashboard' } as const;

/** What is planned for a stack, as the settings of a run hold it. */
export interface MonitoringPlan {
  readonly changes: readonly MonitoringChange[];
  /** What is as it should be. */
  readonly unchanged: number;
  readonly facts: readonly string[];
  /** What every name begins with. */
  readonly prefix: string;
}

export function isMonitoringRunbook(id: string): id is MonitoringRunbookId {
  return id === 'alerts-apply' || id === 'dashboard-apply';
}

export function monitoringRunbook(id: MonitoringRunbookId, plan: MonitoringPlan): AnyRunbook {
  const { changes, unchanged, facts, prefix } = plan;
  const total = changes.length;
  const planned = observe('plan', {
    title: 'What is to be changed',
    calls: [...new Set(Object.values(monitoringReads).flat())].toSorted(),
    // It was read and compared before the run began, or the run could not have these steps.
    run: () => Promise.resolve({ changes: total, unchanged }),
    detail: (found) =>
      found.changes === 0
        ? `nothing: all ${found.unchanged} are as they should be`
        : `${counted(found.changes, 'change')}; ${found.unchanged} are as they should be`,
  });
  const consent = approve(approvalStep, {
    title: `Change what watches the stack`,
    needs: { planned },
    skip: () => (total === 0 ? 'there is nothing to change' : undefined),
    ask: () => ({
      question: `Make ${counted(total, 'change')} to what watches the stack?`,
      facts,
      changes,
    }),
  });
  const acts: AnyStep[] = [];
  const steps = changes.map((change, index) => {
    // Each waits for the one before it in its region: alarms want their topics, and CloudWatch no more than three a second.
    const before = changes.slice(0, index).findLastIndex(({ region }) => region === change.region);
    const previous = acts[before];
    const step = act(stepIdOf(change, index), {
      title: titleOf(change, prefix),
      approval: consent,
      ...(previous === undefined ? {} : { needs: { previous } }),
      calls: monitoringReads[change.input.resource.kind],
      changes: [change.operation],
      change: () => change,
      look: lookAtMonitoring,
      apply: applyMonitoring,
      reverse: reverseChange,
    });
    acts.push(step);
    return step;
  });
  const made = verify('made', {
    title: 'Everything is as planned',
    needs: Object.fromEntries(steps.map((step) => [step.id, step])),
    skip: () => (total === 0 ? 'nothing was changed' : undefined),
    calls: [],
    poll: async (_needs, context) => {
      const looks = await Promise.all(changes.map((change) => lookAtMonitoring(change, context)));
      const open = looks.filter(({ state }) => state !== 'done');
      const [first] = open;
      return first === undefined
        ? { state: 'reached', output: total, detail: `${counted(total, 'change')} seen in the account` }
        : { state: 'waiting', detail: `${open.length} not seen yet: ${first.detail}` };
    },
    withinMs: 60_000,
  });
  const conclusion = decide('conclusion', {
    title: 'What watches the stack now',
    needs: { consent: settled(consent), made: settled(made) },
    run: ({ made: seen }): RunbookConclusion => ({
      verdict: seen.known || total === 0 ? 'ok' : 'attention',
      causes: [],
      ...(seen.known || total === 0
        ? {
            outcome: {
              helped: true,
              summary:
                total === 0
                  ? `nothing to change: all ${unchanged} are as they should be`
                  : `${counted(total, 'change')} made, ${unchanged} were as they should be`,
            },
          }
        : {}),
      notes: [],
      nextSteps: [],
    }),
    detail: ({ verdict }) => (verdict === 'ok' ? 'as planned' : 'not as planned'),
  });
  return runbook({
    id,
    title: titles[id],
    summary: 'Makes what watches the stack as it is wanted',
    steps: [planned, consent, ...steps, made, conclusion],
    conclusion,
    resources: ({ service, environment }) => [`${id.replace('-apply', '')}:${service}/${environment}`],
  });
}

/** `alarm alert-error-rate, us-west-2` */
function titleOf({ region, input: { resource } }: MonitoringChange, prefix: string): string {
  const { kind, name } = resource;
  const short = name.startsWith(`${prefix}-`) ? name.slice(prefix.length + 1) : name;
  return `${kindWords[kind]} ${short}, ${region}`;
}

/** `create-alarm-3`: names may hold what ids may not. */
function stepIdOf({ input }: MonitoringChange, index: number): string {
  const { action, resource }: MonitoringInput = input;
  return `${action}-${resource.kind}-${index + 1}`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
