/**
 * A Redis or Valkey server, asked by its own protocol; @redis/client lives here. Sends INFO, DBSIZE, SCAN and PTTL, which only
 * read. Keys stay within this module: a key may be somebody's session.
 */
import {
  InspectionError,
  type CacheInspection,
  type CacheServer,
  type KeyGroup,
  type KeySample,
} from '../../cloud/inspection.ts';
import type { Clock } from '../../engine/clock.ts';
import { limited, TimeIsUp } from '../time-limit.ts';

export interface CacheOptions {
  readonly connection: {
    readonly host: string;
    readonly port: number;
    readonly user?: string | undefined;
    readonly tls: boolean;
  };
  /** Asked for at each connection; undefined where there is none. */
  readonly password: () => Promise<string | undefined>;
  readonly clock: Clock;
  /** Ends all that is under way. */
  readonly signal: AbortSignal;
  readonly limits?: Partial<CacheLimits>;
  /** PEM of the authorities to trust instead of Node's own. */
  readonly ca?: string;
}

interface CacheLimits {
  /** Milliseconds of real time. */
  readonly connectMs: number;
  readonly wholeMs: number;
  /** How many keys are looked at. */
  readonly keys: number;
}

const defaultLimits: CacheLimits = { connectMs: 8_000, wholeMs: 30_000, keys: 5_000 };
/** How many keys the server may look at in one turn: it serves nobody else meanwhile. */
const perScan = 250;

export function openCache(options: CacheOptions): CacheInspection {
  const { connection: place, password, clock, signal: session } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const name = `${place.host}:${place.port}`;

  async function connected(secret: string | undefined) {
    const { createClient, RESP_TYPES } = await import('@redis/client');
    const socket = {
      host: place.host,
      port: place.port,
      connectTimeout: limits.connectMs,
      reconnectStrategy: false as const,
    };
    const client = createClient({
      // Servers older than Redis 6 know no other.
      RESP: 2,
      socket: place.tls
        ? { ...socket, tls: true as const, ...(options.ca === undefined ? {} : { ca: options.ca }) }
        : socket,
      ...(place.user === undefined ? {} : { username: place.user }),
      ...(secret === undefined ? {} : { password: secret }),
      disableOfflineQueue: true,
      disableClientInfo: true,
      maintNotifications: 'disabled',
    });
    return { client, RESP_TYPES };
  }

  type Client = Awaited<ReturnType<typeof connected>>;

  async function asking<T>(what: string, signal: AbortSignal, work: (client: Client) => Promise<T>): Promise<T> {
    return limited(clock, limits.wholeMs, [session, signal], async (ending) => {
      let opened: Client | undefined;
      let lost: unknown;
      let stop = (): void => {};
      // A client that is destroyed leaves whoever waits for its connection without an answer.
      const ended = new Promise<never>((_resolve, reject) => {
        stop = () => reject(ending.reason);
        ending.addEventListener('abort', stop, { once: true });
      });
      const asked = async (): Promise<T> => {
        opened = await connected(await password());
        const { client } = opened;
        // Told of by whatever is under way; without a listener it would end the process.
        client.on('error', (error: unknown) => (lost ??= error));
        ending.throwIfAborted();
        await client.connect();
        return work(opened);
      };
      try {
        return await Promise.race([asked(), ended]);
      } catch (error) {
        if (ending.aborted && !(ending.reason instanceof TimeIsUp)) throw ending.reason;
        if (ending.aborted) {
          throw new InspectionError(
            'unreachable',
            `the cache at ${name}, asked for ${what}: no answer within ${limits.wholeMs / 1000} s`,
            network,
            { cause: error },
          );
        }
        const isTold = typeof error === 'object' && error !== null && 'errorClass' in error;
        throw isTold ? error : cacheTrouble(lost ?? error, name, what);
      } finally {
        ending.removeEventListener('abort', stop);
        if (opened?.client.isOpen === true) opened.client.destroy();
      }
    });
  }

  return {
    server: (signal) => asking('its settings', signal, async ({ client }) => serverOf(await client.info())),
    keys: (patterns, signal) =>
      asking('its keys', signal, ({ client, RESP_TYPES }) => {
        // Keys are bytes: as text some would become others.
        const raw = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
        return sampled(patterns, limits.keys, {
          total: () => client.dbSize(),
          scan: async (cursor) => {
            const { cursor: next, keys } = await raw.scan(cursor, { COUNT: perScan });
            return { next: next.toString(), keys };
          },
          left: (key) => client.pTTL(key),
        });
      }),
  };
}

function serverOf(info: string): CacheServer {
  const fields = new Map(
    info.split(/\r?\n/).flatMap((line) => {
      const at = line.indexOf(':');
      return at <= 0 || line.startsWith('#') ? [] : [[line.slice(0, at), line.slice(at + 1)] as const];
    }),
  );
  const number = (name: string): number => Number(fields.get(name) ?? 0);
  const policy = fields.get('maxmemory_policy');
  const valkey = fields.get('valkey_version');
  return {
    version:
      valkey === undefined ? `Redis ${fields.get('redis_version') ?? 'of an unknown version'}` : `Valkey ${valkey}`,
    uptimeS: number('uptime_in_seconds'),
    ...(policy === undefined || policy === '' ? {} : { policy }),
    maxMemoryBytes: number('maxmemory'),
    usedMemoryBytes: number('used_memory'),
    isClustered: fields.get('cluster_enabled') === '1',
  };
}

interface Keys {
  readonly total: () => Promise<number>;
  readonly scan: (cursor: string) => Promise<{ readonly next: string; readonly keys: readonly Buffer[] }>;
  /** Milliseconds; -1 for one that never expires, -2 for one that is gone. */
  readonly left: (key: Buffer) => Promise<number>;
}

/** SCAN gives keys by their hash, so that the first of them are no particular ones; it may give one twice (Redis, "SCAN"). */
async function sampled(patterns: readonly string[], most: number, server: Keys): Promise<KeySample> {
  const total = await server.total();
  const groups = [...patterns, undefined].map((pattern) => ({
    pattern,
    matches: matcherOf(pattern),
    keys: 0,
    withoutExpiry: 0,
    longestLeftMs: undefined as number | undefined,
  }));
  const seen = new Set<string>();
  let [cursor, sampledKeys, isLeftOut] = ['0', 0, false];
  do {
    const { next, keys } = await server.scan(cursor);
    cursor = next;
    const fresh: Buffer[] = [];
    for (const key of keys) {
      const id = key.toString('latin1');
      if (seen.has(id)) continue;
      if (seen.size >= most) isLeftOut = true;
      else {
        seen.add(id);
        fresh.push(key);
      }
    }
    // Sent together, in one go.
    const left = await Promise.all(fresh.map((key) => server.left(key)));
    for (const [index, key] of fresh.entries()) {
      const ms = left[index] ?? -2;
      const group = groups.find(({ matches }) => matches(key));
      if (ms === -2 || group === undefined) continue;
      sampledKeys += 1;
      group.keys += 1;
      if (ms === -1) group.withoutExpiry += 1;
      else group.longestLeftMs = Math.max(group.longestLeftMs ?? 0, ms);
    }
  } while (cursor !== '0' && seen.size < most);
  return {
    total,
    sampled: sampledKeys,
    isComplete: cursor === '0' && !isLeftOut,
    groups: groups.map(({ pattern, keys, withoutExpiry, longestLeftMs }): KeyGroup => ({
      ...(pattern === undefined ? {} : { pattern }),
      keys,
      withoutExpiry,
      ...(longestLeftMs === undefined ? {} : { longestLeftMs }),
    })),
  };
}

/** `session:*` covers what begins like it; a pattern without a star is one key; undefined covers all. */
function matcherOf(pattern: string | undefined): (key: Buffer) => boolean {
  if (pattern === undefined) return () => true;
  if (!pattern.endsWith('*')) {
    const whole = Buffer.from(pattern);
    return (key) => key.equals(whole);
  }
  const start = Buffer.from(pattern.slice(0, -1));
  return (key) => key.subarray(0, start.length).equals(start);
}

const network =
  'is it reached from here? ElastiCache answers within its VPC only: a VPN or a bastion, and cache.connection';

/** Never quotes the server beyond its code. */
function cacheTrouble(error: unknown, place: string, what: string): InspectionError {
  const { message, code } = wordsOf(error);
  const told = (trouble: InspectionError['errorClass'], text: string, nextStep: string) =>
    new InspectionError(trouble, `the cache at ${place}, asked for ${what}: ${text}`, nextStep, { cause: error });
  if (/^(?:WRONGPASS|NOAUTH)|invalid (?:username-)?password|without any password/i.test(message)) {
    return told(
      'denied',
      'it refuses the user or the password',
      'cache.connection.user, and what cache.connection.password refers to',
    );
  }
  if (message.startsWith('NOPERM')) {
    return told('denied', 'this user may not ask for it', 'ACL SETUSER \u2026 +info +dbsize +scan +pttl ~*');
  }
  if (message.startsWith('LOADING')) return told('unreachable', 'it is reading its data', 'look again in a minute');
  switch (code) {
    case 'ECONNREFUSED':
      return told('unreachable', 'nothing listens there', network);
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return told('unreachable', 'its name does not resolve', 'cache.connection.host');
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return told('unreachable', 'nothing answers there', network);
    case undefined:
      break;
    default:
      if (/WRONG_VERSION|PACKET_LENGTH|EPROTO/.test(code)) {
        return told(
          'rejected',
          'it speaks no TLS',
          'in-transit encryption on; cache.connection.tls: false only where nobody can listen',
        );
      }
      if (/CERT|ALTNAME|SSL|TLS/.test(code)) {
        return told(
          'rejected',
          `its certificate is not accepted (${code})`,
          'a host that its certificate names; NODE_EXTRA_CA_CERTS adds an authority',
        );
      }
  }
  if (/timeout/i.test(message)) return told('unreachable', 'nothing answers there', network);
  if (/closed|ECONNRESET|reset/i.test(`${message} ${code ?? ''}`)) {
    return told(
      'unreachable',
      'it closed the connection',
      'cache.connection.tls must be as the cache has it; nanoops status cache tells of its load',
    );
  }
  return told(
    'service-fault',
    `it failed (${code ?? message.split(' ', 1)[0] ?? 'unknown reason'})`,
    'the log of the cache tells more',
  );
}

function wordsOf(error: unknown): { readonly message: string; readonly code: string | undefined } {
  if (!(error instanceof Error)) return { message: '', code: undefined };
  const own = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const inner = error instanceof AggregateError ? wordsOf(error.errors[0]).code : wordsOf(error.cause).code;
  return { message: error.message, code: own ?? inner };
}
