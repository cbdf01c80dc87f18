import { test } from 'vitest';
import { databaseUnavailable } from '../../src/runbooks/database-unavailable.ts';
import { crashLoop } from '../../src/runbooks/crash-loop.ts';
import { simulated } from './database-unavailable/simulated.ts';
const db = ['writer-unreachable','writer-unreachable-no-reader','failover-under-way','failover-fails','too-many-connections','read-only-writer','database-credentials','security-group-changed','pool-exhausted-not-database','healthy'];
const cl = ['crash-loop','crash-loop-without-deployment','crash-loop-deployment-in-progress','tasks-replaced','healthy'];
const mode = (process.env.RUNMODE ?? 'observe') as 'observe' | 'execute';
const only = process.env.ONLY;
for (const [rb, list] of [[databaseUnavailable, db], [crashLoop, cl]] as const)
for (const scenario of list) for (const seed of (process.env.SEEDS ?? '1').split(',').map(Number)) {
  if (only !== undefined && only !== scenario) continue;
  test(`${rb.id} ${scenario} ${seed}`, async () => {
    const t = performance.now();
    const { document: d, sandbox, asked, told } = await simulated(rb, { scenario, seed, mode });
    console.log(`## ${rb.id} ${scenario} ${seed}: ${d.verdict} exit ${d.exitCode} | truth ${JSON.stringify(sandbox.truth)} | ${d.causes.map((c) => `${c.cause}@${c.component} ${c.confidence}`).join(', ')} | ${Math.round(performance.now() - t)} ms, sim ${d.durationMs} ms`);
    if (process.env.V) {
      for (const s of d.steps) console.log(`   ${s.status.padEnd(10)} ${s.id.padEnd(20)} ${s.durationMs} ${s.detail.slice(0, 300)}`);
      console.log(JSON.stringify({ notes: d.notes, next: d.nextSteps, esc: d.escalation, sym: d.symptom, causes: d.causes.map((c) => ({ c: c.cause, conf: c.confidence, r: c.remediation, for: c.for.map((f) => f.detail), against: c.against.map((f) => f.detail), missing: c.missing.map((f) => f.detail) })), mut: d.mutations, susp: d.suspended }, null, 1));
      console.log(asked.map((a) => `${a.stepId} ${a.hash}\n  ${a.facts.join('\n  ')}`).join('\n'));
      console.log(told.map((a) => `${a.severity} ${a.title}\n  ${a.text}`).join('\n'));
    }
  }, 60_000);
}
