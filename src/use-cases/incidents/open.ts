/** Opens an incident: it is there, and people know of it, before anything is looked at. */
import { checksNamed } from '../check-catalogue.ts';
import { checkReport } from '../check-report.ts';
import type { Delivery, IncidentSeverity } from '../../cloud/notifier.ts';
import { severityLevels } from '../../cloud/severity-levels.ts';
import { NanoopsError } from '../../errors.ts';
import type { Trigger } from '../../incident/events.ts';
import type { AnyCheck } from '../../checks/check.ts';
import type { Found } from './book.ts';
import { worldOf, type IncidentDesk } from './desk.ts';
import { keepEvidence } from './evidence.ts';
import { namesOf } from './look.ts';
import { tell } from './tell.ts';
import { personText, publicText, shortTitle, titleText } from './texts.ts';
import { momentOf } from './moments.ts';
import { isUnseen } from './unseen.ts';

export interface OpenRequest {
  /** Absent where the alert or the run says it. */
  readonly title?: string;
  readonly severity?: IncidentSeverity;
  /** As typed: when the trouble began, when it was noticed. */
  readonly since?: string;
  readonly detected?: string;
  /** The id of a check. */
  readonly fromAlert?: string;
  readonly fromRun?: { readonly runId: string; readonly runbook: string };
  readonly publicText?: string;
  readonly commander?: string;
  /** The same as `since` and `detected`, where nobody typed it. */
  readonly at?: { readonly detectedAt: number; readonly beganAt?: number };
  /** False where nothing is to be looked at. */
  readonly looks: boolean;
}

export interface Opened {
  readonly found: Found;
  readonly told: readonly Delivery[];
}

export async function openIncident(desk: IncidentDesk, request: OpenRequest): Promise<Opened> {
  const { stack, simulated, book } = desk;
  if (stack === undefined) throw new TypeError('an incident is of a stack');
  const now = simulated?.now ?? book.wall;
  const check = request.fromAlert === undefined ? undefined : alertNamed(request.fromAlert);
  const beganAt = momentOf(request.since, now, '--since') ?? request.at?.beganAt;
  const detectedAt = momentOf(request.detected, now, '--detected') ?? request.at?.detectedAt ?? now;
  if (beganAt !== undefined && beganAt > detectedAt) {
    throw new NanoopsError('it cannot have begun (--since) after it was noticed (--detected)', {
      code: 'InvalidTime',
      exitCode: 2,
      nextStep: 'leave one of the two out, or say when each was',
    });
  }
  const severity = request.severity ?? (check && severityOf(check));
  if (severity === undefined) throw new TypeError('an incident has a severity');
  const names = namesOf(stack);
  // What can be refused is refused before anything is asked of AWS.
  const title = request.title === undefined ? undefined : titleText(request.title);
  const commander = request.commander === undefined ? undefined : personText(request.commander, '--commander');
  const said =
    request.publicText === undefined
      ? undefined
      : publicText(request.publicText, names, [book.by, ...(commander === undefined ? [] : [commander])]);
  const alert = check && (await alertSays(desk, check));
  const trigger: Trigger =
    alert ?? (request.fromRun === undefined ? { kind: 'hand' } : { kind: 'run', ...request.fromRun });
  const begun = await book.begin(now, (id) => ({
    type: 'incident.opened',
    id,
    title: title ?? shortTitle(alert === undefined ? '' : `${check?.title ?? ''}: ${alert.summary}`),
    severity,
    service: stack.service,
    environment: stack.environment,
    trigger,
    detectedAt,
    beganAt,
    publicText: said,
    names,
    ...(simulated === undefined ? {} : { simulated: { scenario: simulated.scenario, seed: simulated.seed } }),
  }));
  const led =
    commander === undefined
      ? begun
      : await book.write(
          begun,
          () => now,
          () => [{ type: 'incident.assigned', role: 'commander', who: commander }],
        );
  const { incident } = led;
  const told = await tell(desk, led, {
    change: 'opened',
    title: incident.title,
    text: [severityLevels[severity].title, `${incident.service} (${incident.environment})`],
    publicText: said,
  });
  const found = request.looks ? await keepEvidence(desk, told, worldOf(incident, [])) : told;
  return { found, told: told.incident.told };
}

/** @throws NanoopsError `UnknownCheck`; `NotOneCheck` for an area of them. */
function alertNamed(id: string): AnyCheck {
  const [check] = checksNamed([id]);
  if (check !== undefined && check.id === id) return check;
  throw new NanoopsError(`--from-alert ${JSON.stringify(id)} names several checks`, {
    code: 'NotOneCheck',
    exitCode: 2,
    nextStep: 'nanoops checks list names each by its id, for example alert-error-rate',
  });
}

/** What pages is at least of SEV-2, what is down of SEV-1; what only warns is of SEV-3. */
function severityOf({ id, severity }: AnyCheck): IncidentSeverity {
  if (id === 'alert-availability' || id === 'api-availability') return 'SEV-1';
  return severity === 'critical' ? 'SEV-2' : 'SEV-3';
}

/** What the alert says now. That it cannot be asked keeps nobody from opening an incident of it. */
async function alertSays(desk: IncidentDesk, check: AnyCheck): Promise<Extract<Trigger, { kind: 'alert' }>> {
  const says = (summary: string) => ({ kind: 'alert', checkId: check.id, summary }) as const;
  try {
    const report = await desk.look(desk.simulated ?? {}, (session) =>
      checkReport(session, { command: 'alerts check', checks: [check], failOn: 'warning' }),
    );
    const [result] = report.checks;
    return says(result?.summary ?? 'it could not be evaluated');
  } catch (error) {
    if (isUnseen(error) || (error instanceof NanoopsError && error.exitCode !== 2)) {
      return says(`it could not be evaluated: ${error.message}`);
    }
    throw error;
  }
}
