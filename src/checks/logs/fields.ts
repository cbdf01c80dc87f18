/** Whether the service's own lines have the fields that they should have: a sample of the last hour. */
import { evidence } from '../../diagnosis/evidence.ts';
import { check } from '../check.ts';
import { breach, ok, unknown, unseen, warning } from '../judged.ts';
import { seenLogs } from './observations.ts';

/** From this share of bad lines on, they cannot be searched and counted by their fields any more. */
const manyBad = 0.1;
const mostFaults = 4;
/** A sample of fewer lines says little. */
const fewestLines = 20;

export const lineFields = check('logs-fields', {
  title: 'Fields of the service\u2019s lines',
  area: 'logs',
  severity: 'warning',
  window: '1h',
  needs: { sample: seenLogs.sample },
  judge: ({ sample }, told) => {
    const origin = { operation: 'logs:FilterLogEvents', region: told.site.region };
    if (!sample.known) return unseen(sample, origin);
    const { lines, bad, unstructured, faults, example, source } = sample.value;
    if (lines < fewestLines) {
      const text = `${lines} lines were logged in what was sampled of the last hour: too few to tell`;
      return unknown(text, [evidence(source, text)], { nextStep: 'see whether its lines arrive: nanoops logs errors' });
    }
    const share = bad / lines;
    const observed = { value: Math.round(share * 1_000) / 10, unit: '%', window: '1h' };
    const sampled = evidence(
      source,
      `${lines} lines sampled over the last hour, ${bad} of them bad, ${unstructured} no JSON`,
    );
    if (bad === 0) return ok(`all of ${lines} sampled lines have their fields`, [sampled], { observed, target: '0 %' });
    const rest = faults.length - mostFaults;
    const worst = faults.slice(0, mostFaults).map(({ fault, lines: count }) => `${fault} (${count})`);
    const text = `${bad} of ${lines} sampled lines lack what they should have: ${worst.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
    const judge = share >= manyBad ? breach : warning;
    return judge(text, [sampled, ...(example === undefined ? [] : [evidence(source, `for example ${example}`)])], {
      observed,
      target: '0 %',
      alert: `≥${manyBad * 100} %`,
      nextStep: 'see what is expected of a line: nanoops config schema --of log-line; what is required: logs.fields',
    });
  },
});
