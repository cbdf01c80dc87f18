/**
 * What commands that are no reports of checks come to at one of many services: as checks, so that whoever reads of many reads of
 * all in the same way. The rest is in what the command says of the one.
 */
import { shellLine } from '../cloud/shell-line.ts';
import { NanoopsError } from '../errors.ts';
import type { LogPatternsDocument, ReportDocument, SlowQueriesDocument } from '../report/schemas.ts';
import { capacityForecast, type ForecastWanted } from './capacity-forecast.ts';
import { logErrors, type LogErrorsWanted } from './log-errors.ts';
import { lookingUntil, retyped, timeText, type OwnOption } from './own-command.ts';
import type { Session } from './session.ts';
import { slowQueries, type SlowQueriesWanted } from './slow-queries.ts';

export type FleetReport = Pick<ReportDocument, 'command' | 'verdict' | 'exitCode' | 'summary' | 'checks' | 'api'>;

type FleetCheck = FleetReport['checks'][number];

/** The users and every resource are a check each. */
export async function forecastOfMany(session: Session, wanted: ForecastWanted): Promise<FleetReport> {
  const { command, verdict, exitCode, summary, users, resources, api } = await capacityForecast(session, wanted);
  const options = lookingUntil(session.ownOptions, wanted.until);
  const told = [
    { id: 'capacity-users', title: 'Daily active users', area: 'business', ...users },
    ...resources.map((resource) => ({ ...resource, id: `capacity-${resource.id}`, area: 'compute' })),
  ];
  const checks = told.map(({ id, title, area, status, summary: found, nextStep, evidence }): FleetCheck => ({
    ...{ id, title, area, severity: 'warning', status, summary: found, evidence },
    ...(nextStep === undefined ? {} : { nextStep: retyped(nextStep, options) }),
  }));
  return { command, verdict, exitCode, summary, checks, api };
}

/** @throws NanoopsError as `logErrors` does, but where the service names no log. */
export async function logErrorsOfMany(session: Session, wanted: LogErrorsWanted): Promise<FleetReport> {
  const title = 'Error lines';
  return logOfMany(session, wanted, { command: 'logs errors', title }, async () => {
    const { document } = await logErrors(session, wanted);
    const seen = document.patterns.filter(({ anomaly }) => anomaly);
    return { document, seen: seen.map(({ change, count, template }) => `${change ?? ''}: ${count} × ${template}`) };
  });
}

/** @throws NanoopsError as `slowQueries` does, but where the service names no log. */
export async function slowQueriesOfMany(session: Session, wanted: SlowQueriesWanted): Promise<FleetReport> {
  const title = 'Slow statements';
  return logOfMany(session, wanted, { command: 'logs slow-queries', title }, async () => {
    const { document } = await slowQueries(session, wanted);
    const seen = document.statements.filter(({ anomaly }) => anomaly);
    return { document, seen: seen.map(({ change, count, statement }) => `${change ?? ''}: ${count} × ${statement}`) };
  });
}

interface ReadLog {
  readonly document: LogPatternsDocument | SlowQueriesDocument;
  /** What calls for somebody to look. */
  readonly seen: readonly string[];
}

/** A service without such a log is one of which nothing is to be told, among many. */
async function logOfMany(
  session: Session,
  wanted: Pick<LogErrorsWanted, 'since' | 'until' | 'group'>,
  { command, title }: { readonly command: string; readonly title: string },
  read: () => Promise<ReadLog>,
): Promise<FleetReport> {
  const check = { id: command.replaceAll(' ', '-'), title, area: 'logs', severity: 'warning' } as const;
  try {
    const { document, seen } = await read();
    const { verdict, exitCode, summary, region, api, nextSteps } = document;
    // --fail-on does not weaken it: the verdict asks for somebody whatever it says.
    const status = ({ ok: 'ok', attention: 'breach', unknown: 'unknown' } as const)[verdict];
    const evidence = seen.map((detail) => ({ source: 'logs:FilterLogEvents', region, detail }));
    const options = lookingUntil(session.ownOptions, wanted.until);
    const [first] = nextSteps.map((step) => retyped(step, options));
    const step = verdict === 'attention' ? closerLook(command, wanted, options) : first;
    const nextStep = step === undefined ? {} : { nextStep: step };
    return { command, verdict, exitCode, summary, checks: [{ ...check, status, summary, evidence, ...nextStep }], api };
  } catch (error) {
    if (!(error instanceof NanoopsError) || error.code !== 'NoLogGroup') throw error;
    const nothing = { ...check, status: 'not-configured', summary: error.message, evidence: [] } as const;
    return { command, verdict: 'ok', exitCode: 0, checks: [nothing], api: session.cloud.usage() };
  }
}

/** The same, of this service alone. */
function closerLook(
  command: string,
  { since, group }: Pick<LogErrorsWanted, 'since' | 'group'>,
  options: readonly OwnOption[],
): string {
  const more = [
    ...(since === undefined ? [] : ['--since', timeText(since)]),
    ...(group === undefined ? [] : ['--group', group]),
  ];
  return [retyped(`nanoops ${command}`, options), ...more.map((word) => shellLine(word))].join(' ');
}
