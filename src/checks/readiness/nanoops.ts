/** Could nanoops do it? What it may do, where it keeps its runs, whom it can tell, what it can measure from outside. Pure. */
import { breach, listed, notConfigured, ok, seenIn, unknown, unseen, warning, type Judged } from '../judged.ts';
import type { ReadinessSeen, ReadinessTold } from './seen.ts';

const file = { operation: 'config', region: 'nanoops.yaml' };

export function permissions(seen: ReadinessSeen, told: ReadinessTold): Judged {
  const origin = { operation: 'iam:SimulatePrincipalPolicy', region: 'us-east-1' };
  if (!seen.permissions.known) {
    const judged = unseen(seen.permissions, origin);
    if (seen.permissions.errorClass !== 'denied') return judged;
    return {
      ...judged,
      summary: 'what it may do cannot be asked: iam:SimulatePrincipalPolicy is not allowed',
      nextStep: seen.permissions.nextStep ?? 'allow iam:SimulatePrincipalPolicy to the caller',
    };
  }
  const allowed = seen.permissions.value;
  const denied = (actions: readonly string[]): readonly string[] =>
    actions.filter((action) => allowed[action] === false);
  const changing = denied(told.actions.changing);
  const looking = denied(told.actions.looking);
  const count = Object.keys(allowed).length;
  const found = seenIn(
    origin,
    changing.length + looking.length === 0
      ? `${count} actions, all allowed on every resource`
      : `denied on every resource: ${[...changing, ...looking].join(', ')}`,
  );
  const next = (actions: readonly string[]) => ({ nextStep: `allow ${actions.join(', ')} to the caller` });
  if (changing.length > 0) return breach(`a failover may not ${listed(changing)}`, found, next(changing));
  if (looking.length > 0) return warning(`a failover may not look: ${listed(looking)}`, found, next(looking));
  return ok(`all ${count} actions of a failover are allowed, as IAM\u2019s simulator says`, found);
}

export function state(_seen: ReadinessSeen, told: ReadinessTold): Judged {
  const { state: kept, from, isSimulated } = told;
  const { trouble } = kept;
  if (kept.kind === 'table' && kept.region === from.region) {
    const origin = { operation: 'dynamodb:Query', region: kept.region };
    return breach(
      `runs and leases are kept in ${kept.table} in ${from.region}, whose outage takes them along`,
      seenIn(origin, kept.table),
      { nextStep: 'move the table to the recovery region: state.dynamodb.region in nanoops.yaml, nanoops state init' },
    );
  }
  const place = kept.kind === 'table' ? { operation: 'dynamodb:Query', region: kept.region } : file;
  if (trouble !== undefined) {
    const extras = { nextStep: trouble.nextStep };
    const found = seenIn(place, trouble.reason);
    return trouble.kind === 'missing'
      ? breach(`a run could not be kept: ${trouble.reason}`, found, extras)
      : unknown(`whether a run could be kept is not known: ${trouble.reason}`, found, extras);
  }
  if (kept.kind === 'table') {
    return ok(`runs and leases are kept in ${kept.table} in ${kept.region}`, seenIn(place, kept.table));
  }
  const found = seenIn(file, 'state: file');
  return isSimulated
    ? ok('runs are kept on this machine, as always on the simulated AWS', found)
    : warning('runs are kept on this machine: nobody else could go on with a failover', found, {
        nextStep:
          'state: { dynamodb: { table: nanoops, region: <recovery region> } } in nanoops.yaml, nanoops state init',
      });
}

export function receivers(_seen: ReadinessSeen, { receivers: all, from }: ReadinessTold): Judged {
  if (all === undefined || all.length === 0) return notConfigured('notify names nobody who is to be told');
  const found = all.flatMap(({ name, region }) =>
    seenIn({ ...file, region: region ?? file.region }, `notify.${name}${region === undefined ? '' : ` in ${region}`}`),
  );
  const dying = all.filter(({ region }) => region === from.region).map(({ name }) => name);
  const words = listed(all.map(({ name }) => name));
  if (dying.length === 0) return ok(`${words} would be told`, found);
  return warning(`${listed(dying)} is in ${from.region}, whose outage nobody would hear of through it`, found, {
    nextStep: `name one in the recovery region: notify.${dying[0] ?? ''} in nanoops.yaml`,
  });
}

export function probe(seen: ReadinessSeen, told: ReadinessTold): Judged {
  const { from, outside } = told;
  if (from.api === undefined && !outside.probe) return notConfigured('api is not configured');
  if (!outside.probe) {
    return warning('api.probeUrl is not configured: RTO cannot be measured', seenIn(file, 'api.probeUrl'), {
      nextStep: 'api.probeUrl in nanoops.yaml: what is asked for health from outside',
    });
  }
  const origin = { operation: 'http:GET', region: 'outside' };
  if (!seen.outside.known) return unseen(seen.outside, origin);
  const answers = seen.outside.value;
  const good = answers.filter(({ ok: isGood }) => isGood).length;
  const text = `${good} of ${answers.length} probes were answered: ${answers.at(-1)?.detail ?? 'none was sent'}`;
  const found = seenIn(origin, text);
  return good === answers.length && good > 0
    ? ok(text, found)
    : warning(text, found, { nextStep: 'nanoops diagnose latency' });
}

export function writeProbe(_seen: ReadinessSeen, { from, outside }: ReadinessTold): Judged {
  if (from.api === undefined) return notConfigured('api is not configured');
  const found = seenIn(file, 'api.writeProbe');
  return outside.write
    ? ok('api.writeProbe is configured; it is not run here, since it writes', found)
    : warning('api.writeProbe is not configured: that writes work again would not be seen', found, {
        nextStep: 'api.writeProbe in nanoops.yaml: a program that writes through the public name and reads it back',
      });
}

export function heartbeat(_seen: ReadinessSeen, { from, outside }: ReadinessTold): Judged {
  if (from.database === undefined) return notConfigured('database is not configured');
  const found = seenIn(file, 'database.rpoProbe');
  return outside.heartbeat
    ? ok('database.rpoProbe is configured', found)
    : warning('database.rpoProbe is not configured: what was lost could only be estimated', found, {
        nextStep: 'database.rpoProbe in nanoops.yaml: a program that prints the newest heartbeat',
      });
}
