/**
 * Could the service lose a zone? A third of its tasks must be able to go without leaving fewer than the load needs: what runs, against
 * what is kept at least.
 *   nanoops checks run spare-tasks --sandbox -c examples/nanoops.yaml
 */
import { breach, check, look, notConfigured, ok, part, seenIn, unknown, unlessConfigured, warning } from 'nanoops';

const state = look('own-service-state', {
  title: 'How many tasks run',
  calls: ['ecs:DescribeServices'],
  skip: (_needs, { site }) => unlessConfigured(site.compute, 'compute'),
  run: (_needs, { ports, settings }) => ports.facts.serviceState(part(settings.site.compute)),
  detail: ({ running, desired }) => `${running} of ${desired} tasks run`,
});

export default check('spare-tasks', {
  title: 'Enough tasks to lose a zone',
  area: 'compute',
  severity: 'warning',
  needs: { state },
  judge: ({ state: seen }, { site }) => {
    if (!seen.known) return seen.because === 'skipped' ? notConfigured(seen.reason) : unknown(seen.reason, []);
    const { running, desired } = seen.value;
    const left = running - Math.ceil(running / 3);
    const summary = `${running} of ${desired} tasks run; without a zone ${left} are left`;
    const found = seenIn({ operation: 'ecs:DescribeServices', region: site.region }, summary);
    const extras = { observed: { value: left, unit: 'count' }, target: '≥3 tasks', alert: '<2 tasks' };
    if (left < 2) return breach(summary, found, { ...extras, nextStep: 'nanoops runbook run prepare-launch' });
    return left < 3 ? warning(summary, found, extras) : ok(summary, found, extras);
  },
});
