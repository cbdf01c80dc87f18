/** What a run that acts, or rehearses, is given: where its journal and leases are, who answers, who is told. */
import type { AwsCloud } from '../aws/open-aws.ts';
import type { AwsOptions } from '../aws/options.ts';
import type { Changes } from '../cloud/changes.ts';
import type { NamedDeeds } from '../cloud/named.ts';
import { isOnThisMachine } from '../cloud/endpoints.ts';
import type { Hooks, Outside } from '../cloud/outside.ts';
import type { Stack } from '../cloud/stack.ts';
import type { Opening } from '../commands/command.ts';
import type { StackFlags } from '../commands/flags.ts';
import { parseDuration } from '../config/durations.ts';
import type { Config } from '../config/schema.ts';
import type { Clock, Random } from '../engine/clock.ts';
import type { PlainRecord } from '../engine/plain.ts';
import { createNobody } from '../notify/nobody.ts';
import { newRunId } from '../use-cases/run-id.ts';
import type { ActingSession } from '../use-cases/session.ts';
import { answersOf, createApprover } from './answers.ts';
import { scopedLeases } from '../engine/lease-store.ts';
import { holderOf, isGone, sha256, userName } from './identity.ts';
import { extraNamesOf } from './extra-names.ts';
import type { Io } from './io.ts';
import { configuredNotifier } from './notifiers.ts';
import { canAsk, personAt } from './person.ts';
import { receiverNames } from './receivers.ts';
import { openRehearsal } from './rehearse.ts';
import { openFileState, openTeamState } from './stores.ts';

export interface ActingParts {
  readonly flags: StackFlags;
  readonly io: Io;
  readonly acts: NonNullable<Opening['acts']>;
  /** Keeps the screen free while somebody is asked. */
  readonly hold: () => () => void;
  readonly config: Config;
  readonly stack: Stack;
  readonly clock: Clock;
  readonly random: Random;
  /** How AWS is reached, but for what may be asked of it. */
  readonly aws: Omit<AwsOptions, 'mode' | 'signal'>;
  readonly openAws: (options: AwsOptions) => AwsCloud;
  readonly outside: Outside;
  readonly hooks: Hooks;
  /** Starts a team's own program that changes something. */
  readonly namedProgram: NamedDeeds['program'];
  /** The account that the credentials are of, once that is known. */
  readonly account: () => string | undefined;
  /** Where requests go that have no endpoint of their own, where that is not AWS. */
  readonly endpoint?: string | undefined;
  /** The configuration file, absolute. */
  readonly file?: string;
  /** For a run in the simulated AWS of this process, whose world is kept with it. */
  readonly simulated?: { readonly begun: (runId: string) => void };
}

export async function actingSession(parts: ActingParts): Promise<{ session: ActingSession; close: () => void }> {
  const { flags, io, acts, hold, config, stack, clock, random, aws, openAws, outside, hooks, simulated } = parts;
  const answers = answersOf(flags, parseDuration);
  const file = await openFileState(io);
  const isRehearsal = acts.mode === 'dry-run';
  const team =
    simulated === undefined && !isRehearsal
      ? await openTeamState(config, flags, { clock, random, env: io.env })
      : undefined;
  const own = team ?? file;
  const by = userName(io);
  const person = canAsk(flags, io) ? personAt(flags, io, by, clock, hold) : undefined;
  // A dry run has no client that could change anything.
  const acting = isRehearsal ? undefined : openAws({ ...aws, mode: { changes: acts.changes } });
  const rehearsals: { close: () => void }[] = [];
  const session: ActingSession = {
    changes: acting?.changes ?? nothing,
    usage: () => acting?.usage() ?? { calls: 0, mutations: 0, byOperation: {} },
    notifier:
      simulated !== undefined || isRehearsal
        ? createNobody(receiverNames(config.notify))
        : configuredNotifier({
            ...{ notify: config.notify, service: config.service, environment: config.environment },
            ...{ io, clock, random, aws, region: stack.primary.region },
          }),
    hooks,
    named: acting === undefined ? assumed : { call: acting.named.change, program: parts.namedProgram },
    journals: own.journals,
    isShared: team !== undefined,
    ...(isRehearsal
      ? {}
      : {
          leases: (runId: string) =>
            simulated === undefined ? scopedLeases(own.leases, scopeOf(parts)) : file.leasesOf(runId),
        }),
    approver: () => createApprover({ answers, by, ...(person === undefined ? {} : { person }) }),
    digest: sha256,
    holder: holderOf(io),
    isGone,
    newRunId: (runbook) => newRunId(runbook, simulated === undefined ? clock.now() : Date.now(), Math.random),
    reopen: reopenedBy(parts),
    begun: (runId) => simulated?.begun(runId),
    ...(isRehearsal
      ? {
          rehearse: async (facts) => {
            const opened = await openRehearsal({
              facts,
              outside,
              stack,
              extraNames: extraNamesOf(config),
              clock,
              changes: acts.changes,
              openAws,
            });
            rehearsals.push(opened);
            return opened.rehearsal;
          },
        }
      : {}),
  };
  return {
    session,
    close: () => {
      acting?.close();
      team?.close();
      for (const rehearsal of rehearsals) rehearsal.close();
    },
  };
}

/** The flags by which whoever resumes reaches the same stack. Secrets are in none of them. */
function reopenedBy({ flags, io, file, endpoint }: ActingParts): PlainRecord {
  const { environment, region, sandbox, seed } = flags;
  return {
    config: file,
    environment,
    profile: flags.profile ?? io.env['AWS_PROFILE'],
    region,
    endpointUrl: endpoint,
    sandbox,
    seed,
  };
}

/**
 * Resources are named within their account, whatever the environment is called. A simulated AWS on this machine is one of
 * many that call themselves by the same account, so its address tells them apart.
 */
function scopeOf({ config, account, endpoint = '' }: ActingParts): string {
  const where = isOnThisMachine(endpoint) ? `@127.0.0.1:${new URL(endpoint).port}` : '';
  return `${account() ?? config.environment}${where}`;
}

function refuse(): Promise<never> {
  return Promise.reject(new TypeError('a dry run asked the stack itself for a change'));
}

/** What no model knows is not done in a dry run, and what follows from it is assumed. */
const assumed: NamedDeeds = { call: () => Promise.resolve(), program: () => Promise.resolve() };

/** A dry run's changes are made on its model, which has clients of its own. */
const nothing: Changes = {
  setDesiredCount: refuse,
  setTaskDefinition: refuse,
  rollBackDeployment: refuse,
  restartTasks: refuse,
  setMinimumCapacity: refuse,
  setSuspendedScaling: refuse,
  failOverCluster: refuse,
  restoreCluster: refuse,
  createInstance: refuse,
  switchOverGlobal: refuse,
  failOverGlobal: refuse,
  removeFromGlobal: refuse,
  promoteReplica: refuse,
  replaceRecords: refuse,
  setRoutingControls: refuse,
  putObject: refuse,
  deleteObject: refuse,
  changeMonitoring: refuse,
};
