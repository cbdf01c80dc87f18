import { test } from 'vitest';
import { openAws } from '../../src/aws/open-aws.ts';
import { sha256 } from '../../src/composition/identity.ts';
import { createTheatre } from '../../src/composition/theatre.ts';
import { changesOf } from '../../src/engine/runbook.ts';
import { findRunbook } from '../../src/use-cases/runbooks.ts';
import { survive } from '../../src/use-cases/survival.ts';
import { appendFileSync } from 'node:fs';

test('scratch', async () => {
  const runbook = findRunbook(process.env['RB'] ?? 'region-failover');
  const signal = new AbortController().signal;
  const theatre = createTheatre({ openAws, changes: changesOf(runbook.steps), seed: 1, signal });
  const t0 = Date.now();
  const log = (s: string) => appendFileSync(process.env['LOG'] ?? '/tmp/surv.log', s + '\n');
  const d = await survive(theatre, {
    runbook,
    scenarios: [process.env['SC'] ?? 'region-down'],
    digest: sha256,
    signal,
    ...(process.env['EVERY'] === undefined ? {} : { everyRecord: Number(process.env['EVERY']) }),
    progress: (row) => {
      log(`${Date.now() - t0} ${row.fault}: ${row.survived}/${row.moments}`);
      for (const f of row.failures.slice(0, 40)) log(`    ${f.moment}: ${f.reason.slice(0, 600)}`);
    },
  } as never);
  log(`${d.verdict} ${d.survived}/${d.moments} in ${Date.now() - t0} ms`);
}, 3_000_000);
