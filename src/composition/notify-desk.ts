/** What `nanoops notify` works with: the receivers of the configuration, and what waits for them. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Notification } from '../cloud/notifier.ts';
import type { StackFlags } from '../commands/flags.ts';
import { loadConfig, parseConfig } from '../config/load.ts';
import { receiverKeys } from '../config/schema/notify.ts';
import type { Config } from '../config/schema.ts';
import { stackOf } from '../config/stack.ts';
import type { Flushed } from '../notify/notifier.ts';
import { defaultRoutes, pagers, routeOf, type Level, type ReceiverName } from '../notify/routing.ts';
import { TimeLimitError, within } from '../notify/time-limit.ts';
import type { FlushedMessage, NotifyDesk } from '../use-cases/notify.ts';
import { version } from '../version.ts';
import { userName } from './identity.ts';
import type { Io } from './io.ts';
import { configuredNotifier, outboxOf, type NotifierParts } from './notifiers.ts';
import { checkEndpoints } from './endpoints.ts';
import { rolesByRegion } from './open-session.ts';
import { refuseStrangersConfig } from './own/found-config.ts';
import { openReceiver, receiverNames } from './receivers.ts';
import { systemClock } from './system-clock.ts';

const testMs = 20_000;

const simulated = { delivered: false, simulated: true } as const;

/** @throws NanoopsError for a configuration or flag that cannot be used */
export async function openNotifyDesk(flags: StackFlags, io: Io): Promise<NotifyDesk> {
  const { config, origin, file } = await configOf(flags, io);
  const { service, environment, notify } = config;
  const isSilent = flags.sandbox !== undefined || flags.replay !== undefined || flags.dryRun === true;
  if (!isSilent) {
    await refuseStrangersConfig({ config, file }, flags, io);
    checkEndpoints(flags, io);
  }
  const parts: NotifierParts = {
    notify,
    service,
    environment,
    io,
    clock: systemClock,
    random: Math.random,
    aws: {
      clock: systemClock,
      random: Math.random,
      roles: rolesByRegion(config, stackOf(config)),
      version,
      ...(flags.profile === undefined ? {} : { profile: flags.profile }),
      ...(flags.endpointUrl === undefined ? {} : { endpointUrl: flags.endpointUrl }),
    },
    region: config.regions.primary,
  };
  // The simulated stack has no receivers of its own: there every one that there is can be tried.
  const names = origin === undefined ? receiverKeys : receiverNames(notify);
  const outbox = await outboxOf(parts);
  const waiting = async () => (origin === undefined ? [] : (await outbox.waiting()).map(toldOf));
  return {
    service,
    environment,
    origin: origin ?? 'the sandbox\u2019s own configuration',
    who: `${userName(io)}@${hostname()}`,
    testId: randomUUID(),
    nowMs: Date.now(),
    receivers: names.map((id) => ({ id, told: levelsOf(id, notify) })),
    waiting,
    test: (name, notification) =>
      isSilent
        ? Promise.resolve({ ...simulated, receiver: name, detail: `not sent: ${silence(flags)}` })
        : sendTest(parts, name, notification),
    async flush() {
      if (!isSilent) return (await configuredNotifier(parts).flush()).map(flushedOf);
      return (await waiting()).map((each) => ({ ...each, outcome: 'kept', detail: `not sent: ${silence(flags)}` }));
    },
  };
}

function silence({ sandbox, replay }: StackFlags): string {
  if (replay !== undefined) return 'under --replay nothing is contacted';
  return sandbox === undefined ? 'a dry run sends nothing' : 'simulated';
}

async function configOf(
  flags: StackFlags,
  io: Io,
): Promise<{ readonly config: Config; readonly origin?: string; readonly file?: string }> {
  if (flags.sandbox === undefined || flags.config !== undefined) {
    return loadConfig({ file: flags.config, environment: flags.environment, cwd: io.cwd });
  }
  const { sandboxConfig } = await import('../sandbox/world/names.ts');
  return { config: parseConfig(sandboxConfig, 'the sandbox\u2019s own configuration', flags.environment) };
}

async function sendTest(parts: NotifierParts, name: string, notification: Notification) {
  const known = receiverKeys.find((key) => key === name);
  const receiver = known && (await openReceiver(parts, known));
  if (receiver === undefined) throw new TypeError(`notify.${name} is not configured`);
  try {
    return await within(parts.clock, testMs, parts.io.signal, async (signal) =>
      receiver.test === undefined ? receiver.send(notification, signal) : receiver.test(notification, signal),
    );
  } catch (error) {
    if (!(error instanceof TimeLimitError)) throw error;
    return { receiver: name, delivered: false, detail: error.message };
  }
}

/** What a receiver is told of, as routes are called. */
function levelsOf(name: ReceiverName, notify: Config['notify']): readonly string[] {
  const levels = Object.keys(defaultRoutes).filter((key): key is Level => key in defaultRoutes);
  return levels.filter((level) => {
    const { page, statusPage, tell } = routeOf(sampleOf(level), notify?.routing);
    if (name === 'statuspage') return statusPage !== null;
    return pagers.some((pager) => pager === name) ? page.length > 0 : tell.some((feed) => feed === name);
  });
}

function sampleOf(level: Level): Pick<Notification, 'severity' | 'incident'> {
  if (level === 'critical' || level === 'warning' || level === 'info') return { severity: level };
  return { severity: 'critical', incident: { id: '', severity: level, change: 'opened' } };
}

function toldOf({ receiver, notification, keptAt }: Flushed['waiting']) {
  return { receiver, key: notification.key, title: notification.title, keptAt };
}

function flushedOf({ waiting, outcome }: Flushed): FlushedMessage {
  const told = toldOf(waiting);
  if (outcome === 'dropped') return { ...told, outcome, detail: 'it is too old, or what it tells of is over' };
  const { delivered, mayBeTakenLater, detail } = outcome;
  return { ...told, outcome: delivered ? 'delivered' : mayBeTakenLater === true ? 'kept' : 'refused', detail };
}
