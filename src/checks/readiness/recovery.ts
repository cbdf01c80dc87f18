/** Would it do as a whole? The region that would be left, the plan, alarms, how long it would take, how old the proof is. Pure. */
import { freshMs, instanceMs, isGone } from './database.ts';
import { breach, listed, notConfigured, ok, seenIn, span, unknown, unseen, warning, type Judged } from '../judged.ts';
import { phases, type ReadinessSeen, type ReadinessTold } from './seen.ts';

export function primary(seen: ReadinessSeen, { from }: ReadinessTold): Judged {
  const origin = { operation: 'ecs:DescribeServices', region: from.region };
  if (!seen.region.known) return unseen(seen.region, origin);
  const { state, evidence } = seen.region.value;
  const found = evidence.flatMap((line) => seenIn(origin, line));
  const nextStep = 'nanoops dr failover --dry-run';
  switch (state) {
    case 'well':
      return ok(`${from.region} answers, inside and outside`, found);
    case 'down':
      return warning(`${from.region} does not answer: what it alone knows is unknown`, found, { nextStep });
    case 'cut-off':
      return warning(`${from.region} does not answer, and its database goes on taking writes`, found, { nextStep });
    case 'impaired':
      return warning(`${from.region} is impaired: only some of it answers`, found, { nextStep });
    case 'unknown':
      return unknown(`how ${from.region} stands is not known`, found, { nextStep: 'nanoops config show' });
  }
}

export function plan(seen: ReadinessSeen, { from, to }: ReadinessTold): Judged {
  const origin = { operation: 'nanoops:plan', region: to.region };
  if (!seen.plans.known) return unseen(seen.plans, origin);
  const occasions = { drill: 'as things are', outage: `were ${from.region} gone` } as const;
  const found = seen.plans.value.flatMap(({ occasion, mode, changes, blockers }) =>
    seenIn(
      origin,
      `${occasions[occasion]}: ${blockers.length > 0 ? blockers.join('; ') : `${mode}, ${changes} change${changes === 1 ? '' : 's'}`}`,
    ),
  );
  const blocked = seen.plans.value.filter(({ blockers }) => blockers.length > 0);
  const reasons = [...new Set(blocked.flatMap(({ blockers }) => blockers))];
  if (reasons.length > 0) {
    const only = blocked.length < seen.plans.value.length ? blocked[0]?.occasion : undefined;
    const when = only === undefined ? '' : `${occasions[only]}, `;
    return breach(
      `${when}it cannot be planned: ${reasons[0] ?? ''}${reasons.length > 1 ? `, and ${reasons.length - 1} more` : ''}`,
      found,
      { nextStep: only === 'drill' ? 'nanoops dr drill --dry-run' : 'nanoops dr failover --dry-run' },
    );
  }
  return ok(
    seen.plans.value
      .map(
        ({ occasion, mode, changes }) =>
          `${occasions[occasion]}: ${mode}, ${changes} change${changes === 1 ? '' : 's'}`,
      )
      .join('; '),
    found,
  );
}

export function alarms(seen: ReadinessSeen, { to, healthyAlarms }: ReadinessTold): Judged {
  const origin = { operation: 'cloudwatch:DescribeAlarms', region: to.region };
  if (healthyAlarms.length === 0) return notConfigured('drill.healthyAlarms names none');
  if (!seen.alarms.known) return unseen(seen.alarms, origin);
  const all = seen.alarms.value;
  const found = all.flatMap(({ name, state, reason }) => seenIn(origin, `${name} ${state}: ${reason}`));
  const next = { nextStep: 'correct drill.healthyAlarms in nanoops.yaml, or make the alarm' };
  const absent = healthyAlarms.filter((name) => !all.some((alarm) => alarm.name === name));
  if (absent.length > 0) {
    const text = `not there in ${to.region}: ${listed(absent)}`;
    return warning(text, [...found, ...seenIn(origin, text)], next);
  }
  const ringing = all.filter(({ state }) => state === 'alarm');
  if (ringing.length > 0) {
    return warning(`in alarm in ${to.region}: ${listed(ringing.map(({ name }) => name))}`, found, {
      nextStep: 'nanoops diagnose latency --region <recovery region>'.replace('<recovery region>', to.region),
    });
  }
  const silent = all.filter(({ state }) => state !== 'ok');
  return silent.length > 0
    ? unknown(`without data: ${listed(silent.map(({ name }) => name))}`, found, next)
    : ok(`${all.length} OK`, found);
}

/** Milliseconds; `p95Ms` absent where too few runs are known. */
export interface Forecast {
  readonly rtoMs: number;
  readonly p95Ms?: number;
  /** Null where the lag of a store is not known. */
  readonly rpoMs: number | null;
}

/** How long a failover would take: by past ones, phase by phase, else by the plan of minutes. */
export function forecast(seen: ReadinessSeen, told: ReadinessTold): Forecast {
  const { planned, predicted } = told;
  const ttlMs = seen.records.known ? Math.max(0, ...seen.records.value.map(({ ttl = 60 }) => ttl)) * 1000 : 0;
  const isHeadless = seen.newDatabase.known && seen.newDatabase.value.instances.length === 0;
  let [medianMs, p95Ms] = [isHeadless ? instanceMs : 0, isHeadless ? instanceMs : 0];
  for (const phase of phases) {
    const past = predicted[phase];
    // However it went before, the last client follows no sooner than its cache lets it.
    const least = phase === 'clients' && past === undefined ? Math.max(planned.clients, ttlMs) : planned[phase];
    const median = past?.medianMs ?? least;
    medianMs += median;
    p95Ms += past?.p95Ms ?? median;
  }
  const isKnown = phases.some((phase) => predicted[phase]?.p95Ms !== undefined);
  return { rtoMs: medianMs, ...(isKnown ? { p95Ms } : {}), rpoMs: lossOf(seen, told).lossMs };
}

export function rto(seen: ReadinessSeen, told: ReadinessTold): Judged {
  const { rtoMs, p95Ms } = forecast(seen, told);
  const runs = Math.max(0, ...phases.map((phase) => told.predicted[phase]?.runs ?? 0));
  const isSimulated = phases.some((phase) => told.predicted[phase]?.simulated === true);
  const origin = { operation: 'nanoops:history', region: told.to.region };
  const found = seenIn(
    origin,
    runs === 0
      ? 'by the plan of minutes: no failover or drill was timed yet'
      : `by ${runs} past ${isSimulated ? 'simulated ' : ''}runs`,
  );
  const basis = runs === 0 ? 'by the plan of minutes' : `by ${runs} past ${isSimulated ? 'simulated ' : ''}runs`;
  const extras = {
    target: `\u2264 ${span(told.rtoMs)}`,
    observed: { value: rtoMs, unit: 'ms' },
  };
  const nextStep = 'nanoops dr drill --dry-run';
  const text = `about ${span(rtoMs)} of ${span(told.rtoMs)}, ${basis}`;
  if (rtoMs > told.rtoMs) return breach(text, found, { ...extras, nextStep });
  if (p95Ms !== undefined && p95Ms > told.rtoMs) {
    return warning(`${text}; one in twenty would take ${span(p95Ms)}`, found, { ...extras, nextStep });
  }
  return ok(text, found, extras);
}

/** What an outage now would lose, by how far each store is behind; null where one of them is not known. */
function lossOf(seen: ReadinessSeen, { from, to, nowMs }: ReadinessTold) {
  const losses: { readonly store: string; readonly lossMs: number | null }[] = [];
  if (from.database !== undefined && to.database !== undefined) {
    const points = seen.lag.known ? seen.lag.value.lag.points : [];
    const fresh = points.filter(({ at }) => nowMs - at <= freshMs);
    losses.push({
      store: 'database',
      lossMs: fresh.length === 0 ? null : Math.max(...fresh.map(({ value }) => value)),
    });
  }
  if (from.storage !== undefined && to.storage !== undefined) {
    const behind = seen.backlog.known ? seen.backlog.value.latency.points.at(-1) : undefined;
    const pending = seen.backlog.known ? seen.backlog.value.pendingOperations.points.at(-1) : undefined;
    const lossMs = behind === undefined ? (pending?.value === 0 ? 0 : null) : behind.value * 1000;
    losses.push({ store: 'storage', lossMs });
  }
  const known = losses.flatMap(({ lossMs }) => (lossMs === null ? [] : [lossMs]));
  const lossMs = known.length < losses.length || losses.length === 0 ? null : Math.max(...known);
  return { losses, lossMs, worstKnownMs: known.length === 0 ? null : Math.max(...known) };
}

export function rpo(seen: ReadinessSeen, told: ReadinessTold): Judged {
  const { losses, lossMs, worstKnownMs } = lossOf(seen, told);
  if (losses.length === 0) return notConfigured('no store is configured in both regions');
  const { rpoMs, to } = told;
  const origin = { operation: 'cloudwatch:GetMetricData', region: to.region };
  const found = losses.flatMap((each) =>
    seenIn(origin, `${each.store}: ${each.lossMs === null ? 'not known' : `${span(each.lossMs)} behind`}`),
  );
  const target = `\u2264 ${span(rpoMs)}`;
  const missing = losses.filter((each) => each.lossMs === null).map(({ store }) => store);
  const nextStep = 'nanoops dr drill --dry-run';
  if (worstKnownMs !== null && worstKnownMs > rpoMs) {
    const observed = { value: worstKnownMs, unit: 'ms' };
    const text = `an outage now would lose ${span(worstKnownMs)}, more than ${span(rpoMs)}`;
    return isGone(seen)
      ? warning(
          `the copy ends ${span(worstKnownMs)} ago; of that only what was written before the outage is lost`,
          found,
          {
            target,
            observed,
          },
        )
      : breach(text, found, { target, observed, nextStep: 'nanoops diagnose database' });
  }
  if (lossMs === null) {
    return unknown(`how much of ${listed(missing)} an outage now would lose is not known`, found, { target, nextStep });
  }
  return ok(`an outage now would lose ${span(lossMs)} of ${span(rpoMs)}`, found, {
    target,
    observed: { value: lossMs, unit: 'ms' },
  });
}

export function drill(_seen: ReadinessSeen, { drill: told }: ReadinessTold): Judged {
  const { limitMs, ageMs, runId, failedSince, gaps } = told;
  const origin = { operation: 'nanoops:history', region: 'journals' };
  const isYoung = ageMs !== undefined && limitMs !== undefined && ageMs <= limitMs;
  const text =
    ageMs === undefined
      ? 'no real drill that succeeded is known'
      : `the newest real drill that succeeded is ${span(ageMs)} old`;
  const later = failedSince === undefined ? '' : `; a later one, ${failedSince}, did not succeed`;
  const found = [...seenIn(origin, runId ?? 'none'), ...gaps.flatMap((gap) => seenIn(origin, gap))];
  const extras = {
    ...(limitMs === undefined ? {} : { target: `\u2264 ${span(limitMs)} old` }),
    ...(ageMs === undefined ? {} : { observed: { value: ageMs, unit: 'ms' } }),
  };
  if (limitMs === undefined || isYoung) return ok(`${text}${later}`, found, extras);
  const nextStep = 'nanoops dr drill';
  return gaps.length > 0
    ? unknown(`${text}${later}; not all runs could be read`, found, { ...extras, nextStep: 'nanoops dr history' })
    : breach(`${text}${later}`, found, { ...extras, nextStep });
}
