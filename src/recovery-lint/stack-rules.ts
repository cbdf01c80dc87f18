/** Rules on what a recovery leans on beside the stack: the state of its runs, who is told, and the operator's programs. */
import type { SecretRef } from '../config/secrets.ts';
import { counted, listed, namesRegion, type LintCheck, type LintEvidence, type LintStatus } from './finding.ts';
import type { LintInput } from './input.ts';

export function stackChecks(input: LintInput): readonly LintCheck[] {
  return [state(input), sinks(input), programs(input)];
}

function state({ config, stack, impaired }: LintInput): LintCheck {
  const rule = {
    id: 'lint-state',
    title: `Journals and leases are kept outside ${impaired}`,
    area: 'stores',
    severity: 'critical',
  } as const;
  if (config.state === 'file') {
    return {
      ...rule,
      severity: 'info',
      status: 'ok',
      summary: 'they are on this machine: it needs no region, and nobody elsewhere can go on with a run',
      evidence: [{ source: 'nanoops.yaml:state', region: 'this machine', detail: 'file' }],
    };
  }
  const { table, region } = config.state.dynamodb;
  const evidence = [{ source: 'nanoops.yaml:state.dynamodb', region, detail: table }];
  const nextStep = `keep them in the region that survives: state: { dynamodb: { table: ${table}, region: ${stack.recovery?.region ?? 'another one'} } }, then nanoops state init`;
  if (region === impaired) {
    return {
      ...rule,
      status: 'breach',
      summary: `the table ${table} is in ${impaired}: without it no run may change anything`,
      ...(stack.recovery?.region === impaired
        ? { nextStep: `keep them in a third region, which neither side of the move takes with it` }
        : { nextStep }),
      evidence,
    };
  }
  return region === stack.primary.region
    ? {
        ...rule,
        status: 'warning',
        summary: `the table ${table} is in the primary region ${region}: it is not there when that one is left`,
        nextStep,
        evidence,
      }
    : { ...rule, status: 'ok', summary: `the table ${table} is in ${region}`, evidence };
}

interface Sink {
  readonly name: string;
  /** Why it goes with the region; absent where it does not. */
  readonly lost?: LintEvidence;
}

/** Where a reference is resolved: at the region of its ARN, else in the primary one. */
function secretIn({ store, name }: SecretRef, primary: string): string | undefined {
  if (store === 'env') return undefined;
  return name.startsWith('arn:') ? (name.split(':')[3] ?? primary) : primary;
}

function sinks({ config, stack, impaired }: LintInput): LintCheck {
  const rule = {
    id: 'lint-sinks',
    title: `Somebody is told without ${impaired}`,
    area: 'sinks',
    severity: 'critical',
  } as const;
  const { notify } = config;
  const at = (key: string, detail: string): LintEvidence => ({
    source: `nanoops.yaml:notify.${key}`,
    region: impaired,
    detail,
  });
  const bySecret = (key: string, refs: readonly (SecretRef | undefined)[]): LintEvidence | undefined => {
    const lost = refs.find((ref) => ref !== undefined && secretIn(ref, stack.primary.region) === impaired);
    return lost && at(key, `${lost.reference} is resolved in ${impaired}`);
  };
  const sink = (name: string, lost: LintEvidence | undefined): Sink => ({
    name,
    ...(lost === undefined ? {} : { lost }),
  });
  const { sns, eventbridge, pagerduty, opsgenie, slack, statuspage, webhook } = notify ?? {};
  const all: readonly Sink[] = [
    ...(sns === undefined
      ? []
      : [sink('sns', sns.topicArn.split(':')[3] === impaired ? at('sns.topicArn', sns.topicArn) : undefined)]),
    ...(eventbridge === undefined
      ? []
      : [
          sink(
            'eventbridge',
            eventbridge.region === impaired ? at('eventbridge', `the bus ${eventbridge.bus}`) : undefined,
          ),
        ]),
    ...(pagerduty === undefined ? [] : [sink('pagerduty', bySecret('pagerduty.routingKey', [pagerduty.routingKey]))]),
    ...(opsgenie === undefined ? [] : [sink('opsgenie', bySecret('opsgenie.apiKey', [opsgenie.apiKey]))]),
    ...(slack === undefined ? [] : [sink('slack', bySecret('slack.webhookUrl', [slack.webhookUrl]))]),
    ...(statuspage === undefined ? [] : [sink('statuspage', bySecret('statuspage.apiKey', [statuspage.apiKey]))]),
    ...(webhook === undefined ? [] : [sink('webhook', bySecret('webhook', [webhook.url, webhook.signingKey]))]),
  ];
  if (all.length === 0) {
    return {
      ...rule,
      severity: 'info',
      status: 'not-configured',
      summary: 'notify names nobody: what is not said on the screen is told to nobody',
      evidence: [],
    };
  }
  const lost = all.flatMap((each) => (each.lost === undefined ? [] : [{ name: each.name, evidence: each.lost }]));
  const left = all.length - lost.length;
  if (lost.length === 0) {
    return {
      ...rule,
      status: 'ok',
      summary: `${listed(all.map(({ name }) => name))} can be reached without it`,
      evidence: [],
    };
  }
  return {
    ...rule,
    status: left === 0 ? 'breach' : 'warning',
    summary: `${listed(lost.map(({ name }) => name))} go${lost.length === 1 ? 'es' : ''} with ${impaired}${left === 0 ? ': nobody would be told' : `; ${counted(left, 'other receiver')} stay${left === 1 ? 's' : ''}`}`,
    nextStep:
      'name a topic or bus of the region that survives, and keep its secrets there (an ARN says its region) or in the environment',
    evidence: lost.map(({ evidence }) => evidence),
  };
}

interface Named {
  readonly key: string;
  readonly exec: readonly string[];
}

/** The programs that a move starts. Those that bring an outage about and end it are about the region by nature. */
export function programsOf({ config }: Pick<LintInput, 'config'>): readonly Named[] {
  const { api, database, cache, drill } = config;
  const named = (key: string, program: { readonly exec: readonly string[] } | undefined): readonly Named[] =>
    program === undefined ? [] : [{ key, exec: program.exec }];
  return [
    ...named('api.writeProbe', api?.writeProbe),
    ...named('database.rpoProbe', database?.rpoProbe),
    ...named('cache.warm', cache?.warm),
    ...drill.consistency.flatMap((program, index) => named(`drill.consistency[${index}]`, program)),
  ];
}

/** `aws … wait …`, as words or within one that a shell gets. */
function waits({ exec }: Named): string | undefined {
  const line = exec.join(' ');
  return /(?:^|[\s/;&|('"])aws\s(?:[^;&|]*\s)?wait\s[a-z-]+/.exec(line)?.[0].replace(/^[\s/;&|('"]/, '');
}

function programs(input: LintInput): LintCheck {
  const { impaired, config } = input;
  const rule = {
    id: 'lint-programs',
    title: `Programs do not depend on ${impaired}`,
    area: 'endpoints',
    severity: 'warning',
  } as const;
  const { injectOutage, endOutage } = config.drill;
  const waiting: readonly Named[] = [
    ...programsOf(input),
    ...(injectOutage === undefined ? [] : [{ key: 'drill.injectOutage', exec: injectOutage.exec }]),
    ...(endOutage === undefined ? [] : [{ key: 'drill.endOutage', exec: endOutage.exec }]),
  ];
  if (waiting.length === 0) {
    return { ...rule, status: 'not-configured', summary: 'no program is configured', evidence: [] };
  }
  const naming: readonly LintEvidence[] = programsOf(input).flatMap(({ key, exec }) => {
    const words = exec.filter((word) => namesRegion(word, impaired));
    return words.length === 0
      ? []
      : [{ source: `nanoops.yaml:${key}`, region: impaired, detail: `${key} names it: ${words.join(' ')}` }];
  });
  const waiters: readonly LintEvidence[] = waiting.flatMap((program) => {
    const words = waits(program);
    return words === undefined
      ? []
      : [
          {
            source: `nanoops.yaml:${program.key}`,
            region: impaired,
            detail: `${program.key} waits as the SDKs do: ${words}`,
          },
        ];
  });
  const status: LintStatus = naming.length + waiters.length > 0 ? 'warning' : 'ok';
  if (status === 'ok') {
    return {
      ...rule,
      status,
      summary: `nothing in ${counted(waiting.length, 'command line')} names ${impaired} or waits as the SDKs do; what the programs do themselves is not read`,
      evidence: [],
    };
  }
  return {
    ...rule,
    status,
    summary: [
      ...(naming.length === 0
        ? []
        : [`${counted(naming.length, 'command line')} name${naming.length === 1 ? 's' : ''} ${impaired}`]),
      ...(waiters.length === 0
        ? []
        : [`${counted(waiters.length, 'command line')} wait${waiters.length === 1 ? 's' : ''} as the SDKs do`]),
    ].join('; '),
    nextStep: [
      ...(naming.length === 0 ? [] : ['take the region from NANOOPS_REGION, which says where to look']),
      ...(waiters.length === 0
        ? []
        : [
            'poll for the change itself every few seconds: a waiter is content with a state of before the change, and its pauses grow to minutes',
          ]),
    ].join('; '),
    evidence: [...naming, ...waiters],
  };
}
