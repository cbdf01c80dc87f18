/** From an account to a `nanoops.yaml`: looks, has chosen what is ambiguous, writes, and says what to do next. */
import { configText } from '../../discovery/config-text.ts';
import { keyNotes, type Finding } from '../../discovery/findings.ts';
import { didYouMean } from '../../config/nearest.ts';
import { region as regionSchema } from '../../config/schema/fields.ts';
import { CloudError } from '../../cloud/errors.ts';
import { NanoopsError } from '../../errors.ts';
import type { InitDocument } from '../../report/init-schema.ts';
import { afterwards, ownRunbooks } from './afterwards.ts';
import type { InitDesk } from './desk.ts';
import { discover, type Discovered } from './discover.ts';
import { choosable } from './questions.ts';

export interface InitWanted {
  readonly service?: string | undefined;
  readonly cluster?: string | undefined;
  readonly recoveryRegion?: string | undefined;
  /** As given with `--choose`: `key=name`. */
  readonly choices: readonly string[];
  readonly dryRun: boolean;
  /** False with `--no-check`. */
  readonly check: boolean;
}

/** @throws NanoopsError for flags that mean nothing (2), and where there is nothing to write about (3) */
export async function init(desk: InitDesk, wanted: InitWanted): Promise<InitDocument> {
  const said = saidOf(wanted);
  const { recoveryRegion } = wanted;
  if (recoveryRegion !== undefined) checkRegions(desk.region, recoveryRegion);
  if (!wanted.dryRun) await desk.checkPlace();
  desk.tell(`looking through ${desk.region}\u2026`);
  const { inventory, region, nowMs, ask } = desk;
  const found = await discover({ inventory, region, nowMs, ask, said, recoveryRegion, cluster: wanted.cluster });
  const { findings, unseen, notes } = found;
  const yaml = configText(findings, { lines: headOf(desk, found) });
  desk.check(yaml);
  const { backup } = wanted.dryRun ? {} : await desk.write(yaml);
  const open = findings.filter((each) => each.kind === 'open');
  const exitCode = unseen.length > 0 || open.length > 0 ? 3 : 0;
  const readiness = await readinessOf(desk, found, wanted);
  const next = nextStep(desk, found, wanted, open, readiness);
  return {
    schema: 'nanoops/init@1',
    verdict: exitCode === 0 ? 'ok' : 'unknown',
    exitCode,
    file: desk.place,
    written: !wanted.dryRun,
    ...(backup === undefined ? {} : { backup }),
    regions: found.regions,
    findings: inOrder(findings).map(documented),
    unseen: unseen.map((each) => ({ ...each })),
    notes: [...notes],
    readiness,
    yaml,
    nextStep: next,
    also: wanted.dryRun || open.length > 0 ? [] : alsoOf(desk, found, next),
    api: desk.usage(),
  };
}

/** As the file has them. */
function inOrder(findings: readonly Finding[]): readonly Finding[] {
  return keyNotes.flatMap(({ key }) => findings.filter((each) => each.key === key));
}

function documented(finding: Finding): InitDocument['findings'][number] {
  switch (finding.kind) {
    case 'found':
      return { key: finding.key, status: 'found', value: finding.value, why: finding.why };
    case 'open':
      return { key: finding.key, status: 'ambiguous', candidates: finding.candidates.map((each) => ({ ...each })) };
    case 'absent':
      return { key: finding.key, status: 'absent', why: finding.why ?? 'not found' };
  }
}

function saidOf({ service, choices }: InitWanted): ReadonlyMap<string, string> {
  const said = new Map<string, string>();
  if (service !== undefined) said.set('compute.service', service);
  for (const choice of choices) {
    const [key = '', ...rest] = choice.split('=');
    const name = rest.join('=');
    if (!choosable.includes(key) || name === '') {
      const meant = didYouMean(key, choosable);
      throw new NanoopsError(
        name === ''
          ? `--choose ${choice}: write <key>=<name>`
          : `--choose ${choice}: ${key} is not chosen among things that are found`,
        {
          code: 'InvalidChoice',
          exitCode: 2,
          details: meant === undefined || meant === key ? [] : [meant],
          nextStep: `use one of ${choosable.join(', ')}`,
        },
      );
    }
    said.set(key, name);
  }
  return said;
}

function checkRegions(primary: string, recovery: string): void {
  const { error } = regionSchema().safeParse(recovery);
  const fault = error?.issues[0]?.message ?? (primary === recovery ? `is the primary region already` : undefined);
  if (fault === undefined) return;
  throw new NanoopsError(`--recovery-region ${recovery} ${fault}`, {
    code: 'InvalidRegion',
    exitCode: 2,
    nextStep: 'name the region that takes over when the primary one is gone, or leave it out',
  });
}

function headOf({ place, isSimulated }: InitDesk, { regions, unseen }: Discovered): readonly string[] {
  const where = [regions.primary, ...(regions.recovery === undefined ? [] : [regions.recovery])].join(' and ');
  return [
    `${place}: written by "nanoops init" from what is in ${where}${isSimulated ? ' of the simulated AWS' : ''}.`,
    'Above each value stands why it was chosen. What is commented out was not found, or is yours to say.',
    '"nanoops config validate" checks it; "nanoops config schema" explains every key.',
    ...(unseen.length === 0
      ? []
      : ['', 'Not everything could be looked at:', ...unseen.map(({ message }) => `- ${message}`)]),
  ];
}

/** What would stand in the way of a failover: a taste of what the file is good for. */
async function readinessOf(
  desk: InitDesk,
  { regions }: Discovered,
  { dryRun, check }: InitWanted,
): Promise<InitDocument['readiness']> {
  if (!check) return { skipped: 'as you said, with --no-check' };
  if (dryRun) return { skipped: 'nothing was written that could be checked' };
  if (regions.recovery === undefined) return { skipped: 'there is no region that takes over' };
  desk.tell('asking whether a failover would be possible\u2026');
  try {
    const { verdict, summary, checks, readiness } = await desk.readiness();
    const first = checks.filter(({ id }) => readiness.blocks.includes(id));
    return {
      verdict,
      summary,
      blockers: first.slice(0, 3).map((each) => ({ id: each.id, summary: each.summary })),
      blocks: readiness.blocks.length,
      unknown: readiness.unknown.length,
    };
  } catch (error) {
    // The file is written: what cannot be asked of it now can be asked later.
    if (!(error instanceof NanoopsError || error instanceof CloudError)) throw error;
    return { skipped: `it could not be asked: ${error.message}` };
  }
}

function nextStep(
  desk: InitDesk,
  { regions }: Discovered,
  { dryRun }: InitWanted,
  open: readonly Finding[],
  readiness: InitDocument['readiness'],
): string {
  const { place, accountWords } = desk;
  if (dryRun) return ['nanoops init --yes', ...accountWords].join(' ');
  if (open[0] !== undefined) {
    return `settle ${open.map(({ key }) => key).join(', ')} in ${place}, then nanoops config validate`;
  }
  if (regions.recovery === undefined) return onTheStack(desk, 'diagnose latency');
  const isReady = 'blocks' in readiness && readiness.blocks === 0;
  return onTheStack(desk, isReady ? 'dr drill --dry-run' : 'dr readiness');
}

/** The command as it has to be typed here to be about the stack that was found. */
function onTheStack({ place, accountWords }: InitDesk, words: string): string {
  // The simulated AWS has a configuration of its own, and asks for no file.
  const file = place === 'nanoops.yaml' && !accountWords.includes('--sandbox') ? [] : ['-c', place];
  return ['nanoops', words, ...file, ...accountWords].join(' ');
}

/** What the file is good for, besides the step that comes next. */
function alsoOf(desk: InitDesk, { regions }: Discovered, next: string): InitDocument['also'] {
  const commands = afterwards
    .filter(({ moves }) => !moves || regions.recovery !== undefined)
    .map(({ words, why }) => ({ command: onTheStack(desk, words), why }));
  return [...commands.filter(({ command }) => command !== next), ownRunbooks];
}
