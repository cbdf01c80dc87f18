/** The graph of a runbook's steps, made ready to be drawn: ordered, and without ways that follow from other ways. */
import type { StepSummary } from '../engine/events.ts';

export interface StepNode {
  readonly step: StepSummary;
  /** Ids of what it needs, without those that another need already needs. */
  readonly needs: readonly string[];
}

/** Steps by the length of the longest way to them, otherwise as given; each with the needs that no other need implies. */
export function stepGraph(steps: readonly StepSummary[]): StepNode[] {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const ancestors = new Map<string, ReadonlySet<string>>();
  const depths = new Map<string, number>();
  const visit = (id: string): void => {
    if (ancestors.has(id)) return;
    // Stands for the step while its needs are visited, so that a ring, which no runbook can have, would still end.
    ancestors.set(id, new Set());
    const needs = (byId.get(id)?.needs ?? []).filter((need) => byId.has(need));
    needs.forEach(visit);
    ancestors.set(id, new Set(needs.flatMap((need) => [need, ...(ancestors.get(need) ?? [])])));
    depths.set(id, Math.max(0, ...needs.map((need) => (depths.get(need) ?? 0) + 1)));
  };
  for (const step of steps) visit(step.id);
  return steps
    .toSorted((a, b) => (depths.get(a.id) ?? 0) - (depths.get(b.id) ?? 0))
    .map((step) => {
      const needs = [...new Set(step.needs)].filter((need) => byId.has(need));
      return { step, needs: needs.filter((need) => !needs.some((other) => ancestors.get(other)?.has(need))) };
    });
}
