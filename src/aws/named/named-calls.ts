/** Sends the calls that a team names itself, through the same wiring and the same guard as nanoops' own. */
import type { NamedCall, NamedDeeds, NamedLooks } from '../../cloud/named.ts';
import { plainOf, type PlainRecord } from '../../engine/plain.ts';
import { globalRegion } from '../global-region.ts';
import { kindOfOperation } from '../reads.ts';
import type { ClientSettings } from '../settings.ts';
import type { Wiring } from '../wiring.ts';
import { answerOf, requestOf } from './operations.ts';
import { packages } from './packages.ts';

export interface NamedClients {
  readonly look: NamedLooks['call'];
  readonly change: NamedDeeds['call'];
}

type Send = (operation: string, input: NamedCall['input']) => Promise<unknown>;

/** Services of no region: their requests are signed for the one that stands for all. */
const global: ReadonlySet<string> = new Set(['ce', 'cloudfront', 'health', 'iam', 'route53']);

/** `settingsFor`: the settings of a client in a region, with that region's credentials. */
export function namedCalls(wiring: Wiring, settingsFor: (region: string) => ClientSettings): NamedClients {
  const clients = new Map<string, Promise<Send>>();
  const clientFor = ({ service, region }: NamedCall): Promise<Send> => {
    const key = `${service} ${region}`;
    const opened = clients.get(key) ?? connect(wiring, settingsFor, service, region);
    clients.set(key, opened);
    return opened;
  };
  const send = async (call: NamedCall): Promise<unknown> => {
    const client = await wiring.clock.busy(() => clientFor(call));
    return client(call.operation, call.input);
  };
  return {
    async look(call) {
      const { service, operation, region } = call;
      if (kindOfOperation(`${service}:${operation}`) !== 'read') {
        const failed = { service, operation, region };
        throw wiring.failure('refused-by-guard', failed, 'its name is not one of an operation that reads');
      }
      return answerOf(await send(call));
    },
    async change(call) {
      await send(call);
    },
  };
}

async function connect(
  wiring: Wiring,
  settingsFor: (region: string) => ClientSettings,
  service: string,
  region: string,
): Promise<Send> {
  const load = Object.hasOwn(packages, service) ? packages[service] : undefined;
  if (load === undefined) throw new TypeError(`there is no client for the service "${service}"`);
  const module = await load();
  const settings = settingsFor(global.has(service) ? globalRegion : region);
  const client: unknown = Reflect.construct(constructorIn(module, /^(?!__)[A-Z]\w*Client$/), [settings]);
  // What a package exports by that name is its client, whose types only the package itself knows.
  const connection = wiring.connect(service, settings.region, client as Parameters<Wiring['connect']>[2]);
  return async (operation, input) => {
    const command: unknown = Reflect.construct(constructorIn(module, new RegExp(`^${operation}Command$`)), [
      requestOf(module, operation, plainRecordOf(input)),
    ]);
    return connection.send(command as Parameters<typeof connection.send>[0]);
  };
}

/** @throws NotPlainError for what is no data. */
function plainRecordOf(input: NamedCall['input']): PlainRecord {
  const plain = plainOf(input, 'the input');
  // What is made of a record is a record.
  return plain as PlainRecord;
}

function constructorIn(module: object, pattern: RegExp): NewableFunction {
  const name = Object.keys(module).find((each) => pattern.test(each));
  const found: unknown = name === undefined ? undefined : Reflect.get(module, name);
  if (typeof found !== 'function') throw new TypeError(`the SDK has nothing called ${pattern.source}`);
  return found;
}
