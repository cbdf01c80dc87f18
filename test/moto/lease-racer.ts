/**
 * A process that takes a lease again and again, for the race of several: `node … <endpoint> <region> <table> <name> <rounds>`.
 * Tells on stdout, as JSON, when it held it: from its being told so until just before it gives it back, by the clock of
 * the machine, which all its processes share. In between it asks whether the lease is still its own, as a run does.
 */
import { openDynamoState } from '../../src/aws/state/dynamodb-state.ts';
import { systemClock } from '../../src/composition/system-clock.ts';

export interface Held {
  readonly token: number;
  /** In nanoseconds since a moment that is the same for all processes of the machine; as text, since JSON has no such numbers. */
  readonly from: string;
  readonly to: string;
}

export interface Raced {
  readonly held: readonly Held[];
  /** How often somebody else had it. */
  readonly refused: number;
}

const [endpointUrl = '', region = '', table = '', name = '', rounds = ''] = process.argv.slice(2);
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const ttlMs = 60_000;
const state = openDynamoState({ table, region, clock: systemClock, random: Math.random, credentials, endpointUrl });

const held: Held[] = [];
let refused = 0;

while (held.length < Number(rounds)) {
  const nowMs = Date.now();
  const answer = await state.leases.acquire({
    resource: 'aurora:nano-global',
    holder: {
      runId: name,
      runbook: 'race',
      environment: 'test',
      who: name,
      host: 'here',
      pid: process.pid,
      since: nowMs,
    },
    nowMs,
    ttlMs,
    graceMs: 10_000,
    isGone: () => false,
  });
  if (!answer.acquired) {
    refused += 1;
    continue;
  }
  const from = process.hrtime.bigint();
  if (held.length % 10 === 0) await state.leases.renew(answer.lease, { nowMs, ttlMs, step: 'holding' });
  held.push({ token: answer.lease.token, from: String(from), to: String(process.hrtime.bigint()) });
  await state.leases.release(answer.lease);
}
state.close();
const raced: Raced = { held, refused };
console.log(JSON.stringify(raced));
