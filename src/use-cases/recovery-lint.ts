/** `nanoops dr lint`: what of a recovery hangs on the region that it is to recover from. Asks AWS for the record alone. */
import { verdictOf } from '../checks/verdict.ts';
import { CloudError } from '../cloud/errors.ts';
import type { DnsRecord } from '../cloud/recovery-facts.ts';
import type { Stack } from '../cloud/stack.ts';
import { didYouMean } from '../config/nearest.ts';
import type { Config } from '../config/schema.ts';
import { knownRegions } from '../config/schema/fields.ts';
import type { Known } from '../diagnosis/known.ts';
import type { Change } from '../engine/change.ts';
import { NanoopsError } from '../errors.ts';
import { controlPlanes } from '../recovery-lint/control-planes.ts';
import type { CredentialSources } from '../recovery-lint/input.ts';
import { lintRecovery } from '../recovery-lint/lint.ts';
import type { ReportDocument } from '../report/schemas.ts';
import { databaseMove, type MoveKind } from '../runbooks/move/database-move.ts';
import { exitCodes } from './exit-codes.ts';
import { findRunbook } from './runbooks.ts';
import type { Session } from './session.ts';

export type { CredentialSources };

export interface LintRequest {
  /** As given with `--impaired`. */
  readonly impaired: string;
  /** As given with `--runbook`; what has to survive the region's loss when absent. */
  readonly runbook?: string;
  /** From what on a finding needs attention. */
  readonly failOn: 'warning' | 'breach';
  /** Absent on the simulated AWS. */
  readonly credentials?: CredentialSources;
}

type Asked = Pick<Session, 'config' | 'stack' | 'cloud' | 'clock' | 'verify'>;

/** @throws NanoopsError `NoRecoveryRegion`, `UnknownRegion`, `UnknownRunbook`; and as the session's `verify` does for an account. */
export async function recoveryLint(session: Asked, request: LintRequest): Promise<ReportDocument> {
  const { config, stack, cloud, clock } = session;
  const { recovery } = stack;
  if (recovery === undefined) {
    throw new NanoopsError('this stack has no recovery region: nothing can survive the loss of the only one', {
      code: 'NoRecoveryRegion',
      exitCode: 2,
      nextStep: 'name it in nanoops.yaml: regions: { primary: us-west-2, recovery: us-east-1 }',
    });
  }
  const impaired = regionNamed(request.impaired, config, stack);
  const runbook = findRunbook(request.runbook ?? runbookFor(impaired, recovery.region));
  const checks = lintRecovery({
    impaired,
    runbook,
    config,
    stack,
    layout: {
      primary: stack.primary.region,
      recovery: recovery.region,
      traffic: stack.traffic,
      globalCluster: stack.globalCluster,
    },
    ...(request.credentials === undefined ? {} : { credentials: request.credentials }),
    records: await recordsOf(session, recovery.region),
    plannedMoves: plannedMoves(stack),
  });
  const verdict = verdictOf(checks, request.failOn);
  return {
    schema: 'nanoops/report@1',
    command: `dr lint --impaired ${impaired}`,
    environment: stack.environment,
    generatedAt: new Date(clock.now()).toISOString(),
    verdict,
    exitCode: exitCodes[verdict],
    checks,
    api: cloud.usage(),
  };
}

/** What must still work: away from the primary region; or, where the recovery region serves and is lost, back to it. */
function runbookFor(impaired: string, recovery: string): string {
  return impaired === recovery ? 'region-failback' : 'region-failover';
}

/** A word that is no region would be found nowhere, and everything well. */
function regionNamed(word: string, config: Config, stack: Stack): string {
  const { state, notify } = config;
  const configured = [
    stack.primary.region,
    ...(stack.recovery === undefined ? [] : [stack.recovery.region]),
    ...(state === 'file' ? [] : [state.dynamodb.region]),
    ...(notify?.eventbridge === undefined ? [] : [notify.eventbridge.region]),
    ...(stack.traffic?.mechanism === 'routing-control' ? stack.traffic.endpoints.map(({ region }) => region) : []),
  ];
  const wanted = word.trim().toLowerCase();
  if (configured.includes(wanted) || knownRegions.includes(wanted)) return wanted;
  const meant = didYouMean(wanted, [...new Set([...configured, ...knownRegions])]);
  const central = [...new Set(controlPlanes.map(({ region }) => region))];
  throw new NanoopsError(`--impaired ${JSON.stringify(word)} is no region that nanoops knows`, {
    code: 'UnknownRegion',
    exitCode: 2,
    details: meant === undefined ? [] : [meant],
    nextStep: `name a region of AWS: one of yours (${[...new Set(configured)].join(', ')}), or one that hosts AWS\u2019s own control planes (${central.join(', ')})`,
  });
}

/** Asked once. What keeps it from being read is told, and ends nothing. */
async function recordsOf(
  { stack, cloud, verify }: Asked,
  region: string,
): Promise<Known<readonly DnsRecord[]> | undefined> {
  const { traffic } = stack;
  if (traffic === undefined) return undefined;
  try {
    await verify(region);
    return { known: true, value: await cloud.facts.records(traffic) };
  } catch (error) {
    if (!(error instanceof CloudError) || error.errorClass === 'defect') throw error;
    const { nextStep } = error.details;
    return { known: false, because: 'unknown', reason: error.message, nextStep };
  }
}

const kinds: readonly MoveKind[] = ['switchover', 'failover', 'detach', 'promotion'];

/** What each way of moving the writer would send, with a loss that was expected; the clusters' names do not matter. */
function plannedMoves({ primary, recovery = primary, globalCluster = 'global' }: Stack): readonly Change[] {
  const cluster = ({ region, database }: Stack['primary']) => {
    const name = database?.cluster ?? 'cluster';
    return { region, cluster: name, arn: `arn:aws:rds:${region}:000000000000:cluster:${name}` };
  };
  const ends = { from: cluster(primary), to: cluster(recovery) };
  return kinds.map((kind) =>
    databaseMove({ kind, ...(kind === 'promotion' ? {} : { globalCluster }), ...ends }, 60_000),
  );
}
