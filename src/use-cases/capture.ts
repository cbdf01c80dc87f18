/** Runs a diagnosis and keeps what it saw, cleaned, so that somebody else can see it too. */
import {
  answersDigest,
  configForCapture,
  captureSchemaId,
  type Capture,
  type CapturedAnswer,
} from '../capture/capture.ts';
import { recordedFacts } from '../capture/facts.ts';
import { cleanValue } from '../capture/clean.ts';
import type { RunDocument } from '../report/schemas.ts';
import { runRunbook, type RunRequest } from './run-runbook.ts';
import type { Session } from './session.ts';

export interface Captured {
  readonly document: RunDocument;
  readonly capture: Capture;
}

/** Looks only; at a capture, where one is replayed. `version`: of nanoops. */
export async function captureRun(
  session: Session,
  request: Omit<RunRequest, 'mode'>,
  version: string,
): Promise<Captured> {
  const { cloud, clock, replayed } = session;
  if (replayed !== undefined) {
    const document = await runRunbook(session, { ...request, ...replayed.lookedAt, mode: 'observe' });
    return { document, capture: replayed.capture };
  }
  const answers: CapturedAnswer[] = [];
  const at = clock.now();
  const facts = recordedFacts(cloud.facts, clock, (answer) => void answers.push(answer));
  const document = await runRunbook({ ...session, cloud: { ...cloud, facts } }, { ...request, mode: 'observe' });
  const { runbook, region, since, until } = request;
  const config = cleanValue(configForCapture(session.written));
  return {
    document,
    capture: {
      schema: captureSchemaId,
      nanoops: version,
      runbook: runbook.id,
      ...(region === undefined ? {} : { region }),
      at,
      ...(since === undefined ? {} : { since }),
      ...(until === undefined ? {} : { until }),
      config: config as Capture['config'],
      digest: answersDigest(answers),
      answers,
    },
  };
}
