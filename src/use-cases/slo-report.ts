/** The objectives of one stack: how they stand, what is left of their budgets, how fast those burn. Looks only. */
import { attainedOf, shortText } from '../checks/slo/judge.ts';
import type { ObjectiveState } from '../checks/slo/objectives.ts';
import { objectiveMs } from '../checks/slo/observations.ts';
import { sloSurvey, type SloConclusion } from '../checks/slo/survey.ts';
import { against, limitTexts } from '../checks/limits.ts';
import type { ReportDocument } from '../report/schemas.ts';
import type { WindowBurn } from '../slo/burn.ts';
import { looksWith, type ReportWanted } from './check-report.ts';
import type { Session } from './session.ts';

type SloMember = NonNullable<ReportDocument['slo']>;

/** @throws NanoopsError as `checkReport` does. */
export async function sloReport(
  session: Session,
  wanted: Omit<ReportWanted, 'checks' | 'answer' | 'command'>,
): Promise<ReportDocument> {
  const { fewestEvents } = session.config.objectives.burn;
  const survey = sloSurvey(wanted.failOn, { fewestEvents });
  const look = await looksWith(session, { ...wanted, command: 'slo', checks: [] }, survey);
  const { document, outcome } = await look(wanted.timeoutMs);
  return {
    ...document,
    summary: outcome.summary,
    slo: sloMember(outcome, Date.parse(document.until ?? document.generatedAt)),
  };
}

function sloMember({ objectives }: SloConclusion, until: number): SloMember {
  return {
    window: '30d',
    from: iso(until - objectiveMs),
    to: iso(until),
    objectives: objectives.map(({ objective, state }) => ({
      id: objective.id,
      title: objective.title,
      target: limitTexts(objective.limit).target ?? '',
      counts: objective.counts,
      ...(state === undefined ? unseen : seen(state)),
    })),
  };
}

type Measured = Omit<SloMember['objectives'][number], 'id' | 'title' | 'target' | 'counts'>;

const unseen: Measured = {
  attained: null,
  met: null,
  bad: null,
  total: null,
  coverage: null,
  budget: null,
  burn: [],
  forecast: null,
};

function seen(state: ObjectiveState): Measured {
  const { month, budget, burns, forecast, limit } = state;
  const attained = attainedOf(state);
  return {
    attained: attained ?? null,
    met: attained === undefined ? null : against(attained, { ...limit, alert: undefined }) === 'ok',
    bad: month.bad,
    total: month.all,
    coverage: month.coverage,
    budget:
      budget === undefined
        ? null
        : {
            minutes: budget.totalMs / 60_000,
            leftMinutes: budget.leftMs / 60_000,
            leftPercent: finite(budget.left * 100) ?? -100,
          },
    burn: burns.map(({ pair, long, short, state: burnState }) => ({
      id: `slo-burn-${pair.id}`,
      threshold: pair.threshold,
      action: pair.action,
      state: burnState,
      long: windowOf(long, pair.id),
      short: windowOf(short, shortText(pair)),
    })),
    forecast:
      forecast === undefined
        ? null
        : {
            basis: forecast.basis.id,
            rate: finite(forecast.basis.burn.rate),
            spent: forecast.isSpent,
            endsAt: forecast.endsAt === undefined ? null : iso(forecast.endsAt),
            returnsAt: forecast.returnsAt === undefined ? null : iso(forecast.returnsAt),
          },
  };
}

function windowOf({ rate, bad, all, coverage }: WindowBurn, window: string): Measured['burn'][number]['long'] {
  return { window, rate: finite(rate), bad, total: all, coverage };
}

/** JSON knows no infinity: a budget of nothing burns infinitely fast. */
function finite(value: number | undefined): number | null {
  return value === undefined || !Number.isFinite(value) ? null : value;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
