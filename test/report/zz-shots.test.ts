import { writeFileSync } from 'node:fs';
import { it } from 'vitest';
import { runHtml } from '../../src/report/html/run-html.ts';
import { recoveries } from './recovery.ts';
import { runs } from '../terminal/fixtures.ts';
import { actingRuns } from '../terminal/acting.ts';
it('writes', () => {
  for (const [n, d] of Object.entries(recoveries)) writeFileSync(`/tmp/shots/${n}.html`, runHtml(d));
  writeFileSync('/tmp/shots/cause.html', runHtml(runs.cause.document));
  writeFileSync('/tmp/shots/doubtful.html', runHtml(actingRuns.doubtful.document));
});
