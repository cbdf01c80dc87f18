/** Known traps of moving a database: losing data by what was to lose nothing, and going back before the copy is whole. */
import type { Change } from '../engine/change.ts';
import type { AnyStep } from '../engine/step.ts';
import { isWayBack, movesWriter, switchover, wayBack } from './database-moves.ts';
import { counted, listed, type LintCheck, type LintEvidence } from './finding.ts';
import type { LintInput } from './input.ts';
import { pathOf } from './path.ts';
import { placeText } from './places.ts';

export function trapChecks(input: LintInput): readonly LintCheck[] {
  return [dataLoss(input), failbackOrder(input)];
}

/**
 * A failover without `AllowDataLoss` is a switchover, and a switchover with it a failover (RDS API Reference,
 * FailoverGlobalCluster): what a step would send must say of itself which of the two it is, or nobody is asked for the loss.
 */
function dataLoss(input: LintInput): LintCheck {
  const { runbook, plannedMoves, layout } = input;
  const rule = {
    id: 'lint-data-loss',
    title: 'What can lose data says so, and nothing else can',
    area: 'traps',
    severity: 'critical',
  } as const;
  const steps = runbook.steps.filter((step) => step.changes.some((each) => movesWriter(each)));
  if (steps.length === 0) {
    return { ...rule, status: 'not-configured', summary: `${runbook.id} moves no database`, evidence: [] };
  }
  const about = (step: AnyStep, operation: string, detail: string): LintEvidence => ({
    source: `nanoops:${step.id}`,
    region: placeText(step, operation, layout),
    detail,
  });
  const broken: LintEvidence[] = [];
  const unseen: LintEvidence[] = [];
  for (const step of steps) {
    for (const operation of step.changes.filter((each) => movesWriter(each))) {
      const examples = plannedMoves.filter((change) => change.operation === operation);
      if (examples.length === 0) unseen.push(about(step, operation, `${operation}: what it would send is not known`));
      for (const change of examples) {
        const fault = faultOf(change, step);
        if (fault !== undefined) broken.push(about(step, operation, fault));
      }
    }
  }
  const evidence = [...broken, ...unseen];
  if (broken.length > 0) {
    return {
      ...rule,
      status: 'breach',
      summary: `${counted(broken.length, 'change')} of the database do${broken.length === 1 ? 'es' : ''} not say what can be lost`,
      nextStep:
        'a switchover is reversible and loses nothing; whatever goes on with what it has is of risk "data-loss", and is not put back by itself',
      evidence,
    };
  }
  if (unseen.length > 0) {
    return {
      ...rule,
      status: 'unknown',
      summary: `what ${listed([...new Set(steps.map(({ id }) => id))])} would send is not known`,
      nextStep: 'let the step plan its change as the built-in runbooks do',
      evidence,
    };
  }
  return {
    ...rule,
    status: 'ok',
    summary: 'a switchover allows no loss, and what allows it is asked for as such',
    evidence: steps.map((step) => about(step, switchover, listed(step.changes.filter((each) => movesWriter(each))))),
  };
}

function faultOf(change: Change, { body }: AnyStep): string | undefined {
  const { operation, risk, lossMs } = change;
  if (operation === switchover) {
    if (lossMs !== undefined) return `${operation} with a loss of data: that is a failover`;
    return risk === 'data-loss' ? `${operation} of risk "data-loss": a switchover loses nothing` : undefined;
  }
  if (risk !== 'data-loss') return `${operation} of risk "${risk}": it goes on with what it has`;
  const reversed = body.form === 'change' ? body.reverse?.(change) : undefined;
  return reversed === undefined ? undefined : `${operation} is put back by itself, by ${reversed.operation}`;
}

/** Back onto a copy that is not whole, a switchover blocks writes, and a failover loses them. */
function failbackOrder({ runbook, layout }: LintInput): LintCheck {
  const rule = {
    id: 'lint-failback-order',
    title: 'The way back begins once the old region is in step',
    area: 'traps',
    severity: 'critical',
  } as const;
  const path = pathOf(runbook);
  const returning = runbook.steps.filter(
    ({ id, changes }) => isWayBack(id) && changes.some((each) => movesWriter(each)),
  );
  if (returning.length === 0) {
    return { ...rule, status: 'not-configured', summary: `${runbook.id} has no way back`, evidence: [] };
  }
  const early = returning.filter((step) => {
    const resynced = `${step.id.slice(0, step.id.indexOf(wayBack) + wayBack.length)}resynced`;
    return ![...path.needsOf(step)].some(({ id }) => id === resynced);
  });
  const told = (step: AnyStep, detail: string): LintEvidence => ({
    source: `nanoops:${step.id}`,
    region: placeText(step, switchover, layout),
    detail,
  });
  if (early.length > 0) {
    return {
      ...rule,
      status: 'breach',
      summary: `${listed(early.map(({ id }) => id))} may begin before the old region is in step`,
      nextStep: `let it need "${wayBack}resynced", which waits until it is`,
      evidence: early.map((step) => told(step, 'does not wait for the copy')),
    };
  }
  return {
    ...rule,
    status: 'ok',
    summary: `${counted(returning.length, 'change')} of the writer wait${returning.length === 1 ? 's' : ''} until the copy is whole`,
    evidence: returning.map((step) => told(step, 'after resynced')),
  };
}
