import { test } from 'vitest';
import { openAws } from '../../src/aws/open-aws.ts';
import { sha256 } from '../../src/composition/identity.ts';
import { createTheatre } from '../../src/composition/theatre.ts';
import { changesOf } from '../../src/engine/runbook.ts';
import { findRunbook } from '../../src/use-cases/runbooks.ts';
import { survive } from '../../src/use-cases/survival.ts';
import { runRunbook } from '../../src/use-cases/run-runbook.ts';
import { sandboxStartMs } from '../../src/sandbox/sandbox.ts';
import { appendFileSync } from 'node:fs';

test('scratch', async () => {
  const runbook = findRunbook('region-drill');
  const signal = new AbortController().signal;
  const theatre = createTheatre({ openAws, changes: changesOf(runbook.steps), seed: 1, signal,
   faults: [{ effect: 'alarm', name: 'nano-api-cpu', from: sandboxStartMs + Number(process.env['ALARM'] ?? 4) * 60_000, rampMs: 0 }],
   overlay: { drill: { consistency: [{ exec: ['./recovery/compare.sh'] }], stopAlarms: ['nano-api-cpu'] } } });
  const t0 = Date.now();
  const log = (s: string) => appendFileSync(process.env['LOG'] ?? '/tmp/surv.log', s + '\n');
  const { stage } = theatre.record('healthy');
  const doc = await runRunbook(stage.session, { runbook, mode: 'execute', move: { kind: 'drill', mode: 'switchover' } });
  for (const { event } of (await stage.readJournal(doc.runId)).records) log(`${(event.at - sandboxStartMs) / 1000} ${event.type} ${'stepId' in event ? event.stepId : ''} ${'status' in event ? event.status : ''} ${'detail' in event ? event.detail : ''} ${'reason' in event ? event.reason: ''}`.slice(0, 200));
  if (process.env['EVERY'] === undefined) return;
  const d = await survive(theatre, { runbook, scenarios: ['healthy'], digest: sha256, signal,
    ...(process.env['EVERY'] === undefined ? {} : { everyRecord: Number(process.env['EVERY']) }),
    progress: (row) => { log(`${Date.now()-t0} ${row.fault}: ${row.survived}/${row.moments}`); for (const f of row.failures.slice(0,40)) log(`    ${f.moment}: ${f.reason.slice(0,600)}`); } });
  log(`${d.verdict} ${d.survived}/${d.moments} in ${Date.now()-t0} ms`);
}, 3_000_000);
