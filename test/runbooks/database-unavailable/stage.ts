/** Database unavailable on a fake cloud: every fact as a story of the diagnosis has it, unless a test says otherwise. */
import { fakeInspection } from '../../fakes/inspection.ts';
import { RecordingOutside } from '../../support/recording-outside.ts';
import type { Told } from '../../fakes/cloud.ts';
import { FakeCloud } from '../../fakes/cloud.ts';
import { parseConfig } from '../../../src/config/load.ts';
import { stackOf } from '../../../src/config/stack.ts';
import { valueOf, type Known } from '../../../src/diagnosis/known.ts';
import type { DatabasePicture } from '../../../src/diagnosis/database/picture.ts';
import type { AnyRunbook } from '../../../src/runbooks/kit.ts';
import { VirtualClock } from '../../../src/sandbox/virtual-clock.ts';
import { runRunbook, type RunRequest } from '../../../src/use-cases/run-runbook.ts';
import { stackConfig } from '../../use-cases/stage.ts';
import { endMs } from '../../diagnosis/series.ts';
import { picture } from '../../diagnosis/database/pictures.ts';
import { nothingNamed } from '../../support/nothing-named.ts';

/** A whole minute, two minutes after the last that CloudWatch has whole. */
const nowMs = endMs + 120_000;

function answer<T>(known: Known<T>): T {
  const value = valueOf(known);
  if (value === undefined) throw new TypeError('the picture holds no such answer');
  return value;
}

/** What every fact answers where the picture is so. */
export function factsOf(seen: Partial<DatabasePicture> = {}): Told {
  const whole = picture(seen);
  return {
    errorLines: answer(whole.errorLines),
    databaseState: answer(whole.database),
    databaseEvents: answer(whole.events),
    ingressRules: answer(whole.ingress),
    databaseLoad: answer(whole.databaseLoad),
    connectionLimit: answer(whole.connectionLimit),
    apiTraffic: answer(whole.traffic),
    serviceState: answer(whole.service),
    stoppedTasks: [],
  };
}

export interface LookOptions extends Partial<Omit<RunRequest, 'runbook' | 'mode'>> {
  readonly config?: Record<string, unknown>;
  readonly at?: number;
}

/** Runs a runbook that only looks. */
export async function lookWith(runbook: AnyRunbook, told: Told, options: LookOptions = {}) {
  const { config: raw = stackConfig, at = nowMs, ...asked } = options;
  const clock = new VirtualClock(at);
  const cloud = new FakeCloud(told, { region: 'us-west-2', clock });
  const config = parseConfig(raw, 'a test');
  const session = {
    config,
    stack: stackOf(config),
    cloud,
    outside: new RecordingOutside({}).outside,
    named: nothingNamed,
    inspection: fakeInspection(),
    isSimulated: false,
    verify: () => Promise.resolve(),
    awsOptions: ['--profile', 'ops'],
    clock,
    random: () => 0.5,
    signal: new AbortController().signal,
    emit: () => undefined,
  };
  const document = await runRunbook(session, { runbook, mode: 'observe', ...asked });
  return { document, cloud };
}
