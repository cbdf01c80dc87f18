/** What a runbook survives, as a document, for tests of whatever shows it. */
import type { SurvivalDocument } from '../../src/report/schemas.ts';

export const whole: SurvivalDocument = {
  schema: 'nanoops/survival@1',
  runbook: 'latency',
  rows: [
    { scenario: 'traffic-surge', fault: 'the process is killed', moments: 41, survived: 41, failures: [] },
    { scenario: 'traffic-surge', fault: 'the answer to a change is lost', moments: 4, survived: 4, failures: [] },
  ],
  moments: 45,
  survived: 45,
  verdict: 'ok',
};

export const broken: SurvivalDocument = {
  ...whole,
  rows: [
    ...whole.rows,
    {
      scenario: 'bad-deployment',
      fault: 'another run takes the lease over',
      moments: 38,
      survived: 32,
      failures: [1, 2, 3, 4, 5, 6].map((each) => ({
        moment: `after event ${each} (change.intended)`,
        reason: `nano/nano-api was changed twice: desired 6 → ${7 + each}`,
      })),
    },
    { scenario: 'bad-deployment', fault: 'the clock jumps', moments: 0, survived: 0, failures: [] },
  ],
  moments: 83,
  survived: 77,
  verdict: 'failed',
};
