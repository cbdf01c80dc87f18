/**
 * Runs that really open files and sockets: the whole program in this process, its journals and leases in a folder, and the simulated
 * AWS behind a socket. Each run has a world of its own; the server is one, and ends no connection by itself, so that one that a run
 * leaves open stays so. Time is the wall's, many times faster.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { RunDocument } from '../../src/report/schemas.ts';
import { throttlingOf } from '../../src/sandbox/gate.ts';
import { noise } from '../../src/sandbox/random.ts';
import { openSandbox, sandboxConfig } from '../../src/sandbox/sandbox.ts';
import { clockHeader, scaledClock } from '../../src/sandbox/scaled-clock.ts';
import { serveWire } from '../../src/sandbox/wire/http-server.ts';
import { seededRequestIds } from '../../src/sandbox/wire/request-id.ts';
import type { CallContext, Fate } from '../../src/sandbox/wire/service.ts';
import { createWire, type Wire } from '../../src/sandbox/wire/wire.ts';
import { plainEnvironment } from '../package/plain-environment.ts';
import { runMain } from '../support/run-main.ts';

/** The other half of what bench/soak.js plays, which takes it from one module. */
export { simulateSeed } from './simulate.ts';

export interface WiredRun {
  readonly verdict: string;
  /** How often the world was changed. */
  readonly changes: number;
  /** What must not be, a line each. */
  readonly faults: readonly string[];
}

export interface Wired {
  readonly url: string;
  /** Runs a remediation that finds nobody to ask, goes on with it, and has its journal verified. */
  play(seed: number): Promise<WiredRun>;
  close(): Promise<void>;
}

const scenario = 'crash-loop';
/** A minute takes a tenth of a second. */
const speed = 600;
/** Of the world's time, which runs on while a machine that others use is slow. */
const limit = '48h';

/** `folder`: what runs keep is kept below it, and removed after each. The environment of this process is one without an account then. */
export async function openWired(folder: string): Promise<Wired> {
  plainEnvironment(process.env);
  const credentials = { AWS_ACCESS_KEY_ID: 'sandbox', AWS_SECRET_ACCESS_KEY: 'sandbox' };
  Object.assign(process.env, credentials, { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' });
  let world = worldOf(1);
  const server = await serveWire(
    { handle: (request, options) => world.wire.handle(request, options) },
    { host: '127.0.0.1', port: 0, idleMs: 0, told: () => world.told() },
  );
  return {
    url: server.url,
    async play(seed) {
      world = worldOf(seed);
      const own = await mkdtemp(join(folder, 'wired-'));
      try {
        const { verdict, faults } = await playedIn(own, server.url);
        const changes = world.changes();
        const isTwice = changes > 1 ? [`the world was changed ${changes} times`] : [];
        return { verdict, changes, faults: [...faults, ...isTwice] };
      } finally {
        await rm(own, { recursive: true, force: true });
      }
    },
    close: () => server.close(),
  };
}

interface ServedWorld {
  readonly wire: Wire;
  readonly told: () => Readonly<Record<string, string>>;
  readonly changes: () => number;
}

function worldOf(seed: number): ServedWorld {
  const startMs = Date.now();
  const clock = scaledClock(startMs, speed, Date.now);
  const fates = (call: CallContext, count: number) => fateOf(seed, call, count);
  const { services, gate, world } = openSandbox({ scenario, seed, startMs, clock, fates });
  return {
    wire: createWire({ services, gate, clock, requestIds: seededRequestIds(seed) }),
    told: () => ({ [clockHeader]: `${clock.now()} ${speed}` }),
    changes: () => world.inventory.calls.length,
  };
}

/** Some calls go wrong, in ways that leave a connection in different states. */
function fateOf(seed: number, { service, operation, region }: CallContext, count: number): Fate | undefined {
  const luck = noise(seed, 'wired', `${service}:${operation}@${region}`, count);
  if (luck < 0.02) return { kind: 'reset' };
  if (luck < 0.04) return { kind: 'lost', latencyMs: 50 };
  return luck < 0.06 ? { kind: 'fault', latencyMs: 50, fault: throttlingOf(service) } : undefined;
}

async function playedIn(folder: string, url: string): Promise<Pick<WiredRun, 'verdict' | 'faults'>> {
  const config = join(folder, 'nanoops.yaml');
  await writeFile(config, stringify(servedConfig));
  const nanoops = (...words: readonly string[]) =>
    runMain([...words, '--json'], { cwd: folder, env: { XDG_STATE_HOME: join(folder, 'state'), USER: 'ana' } });
  const begun = await nanoops(
    'diagnose',
    'crash-loop',
    '--fix',
    '-c',
    config,
    '--endpoint-url',
    url,
    '--timeout',
    limit,
  );
  const run: Partial<RunDocument> = JSON.parse(begun.stdout);
  const { runId, verdict = 'none', suspended } = run;
  if (runId === undefined) return { verdict, faults: [`it was not begun: ${begun.stdout}`] };
  const resumed = suspended === undefined ? begun : await nanoops('runs', 'resume', runId, '--yes', '--timeout', limit);
  const ended: Partial<RunDocument> = JSON.parse(resumed.stdout);
  const verified = await nanoops('runs', 'verify', runId);
  return {
    verdict: ended.verdict ?? 'none',
    faults: [
      ...(ended.runId === runId ? [] : [`it was not gone on with: ${resumed.stdout}`]),
      ...(ended.suspended === undefined ? [] : [`it waits still: ${ended.suspended.reason}`]),
      ...(verified.exitCode === 0 ? [] : [`its journal does not verify: ${verified.stdout}`]),
    ],
  };
}

/** The sandbox's own stack, without what would be asked of anything but AWS. */
const { service, environment, account, regions, api, compute, database, dns, logs } = sandboxConfig;
const servedConfig = {
  ...{ service, environment, account, regions, compute, dns, logs },
  api: { loadBalancer: api.loadBalancer, targetGroup: api.targetGroup, recovery: api.recovery },
  database: {
    cluster: database.cluster,
    recoveryCluster: database.recoveryCluster,
    globalCluster: database.globalCluster,
  },
};
