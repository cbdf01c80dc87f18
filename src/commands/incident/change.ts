/** `nanoops incident ack|note|update|resolve|reopen`. */
import { Argument, Option, type Command } from 'commander';
import { NanoopsError } from '../../errors.ts';
import type { Host } from '../command.ts';
import type { StackFlags } from '../flags.ts';
import { collected, doAndShow, exits, idAndText, parseCount, refuseUnused, withIncidentFlags } from './flags.ts';

interface AtFlags extends StackFlags {
  readonly at?: string;
}

const aboutId = 'the incident, its word or its beginning (default: the only one that is open)';
const aboutAt = 'when it happened, where it is written down later: a time or how long ago';

export function declareIncidentChanges(incident: Command, host: Host): void {
  declareAck(incident, host);
  declareNote(incident, host);
  declareUpdate(incident, host);
  declareResolve(incident, host);
  declareReopen(incident, host);
}

interface AckFlags extends AtFlags {
  readonly as?: 'commander' | 'communications' | 'operations';
  readonly severity?: string;
}

function declareAck(incident: Command, host: Host): void {
  withIncidentFlags(incident.command('ack'))
    .argument('[id]', aboutId)
    .addOption(new Option('--as <role>', 'which role you take').choices(['commander', 'communications', 'operations']))
    .option('--severity <severity>', 'as you see it, where it was opened as another')
    .option('--at <when>', aboutAt)
    .summary('take an incident: you are on it')
    .description(
      'Acknowledges an incident. Who does so first leads it, unless somebody does already; with --as, whoever comes later takes a role.',
    )
    .addHelpText(
      'after',
      `\nExamples:\n  nanoops incident ack\n  nanoops incident ack tango --as communications\n\n${exits}`,
    )
    .action(async (id: string | undefined, flags: AckFlags) => {
      refuseUnused(flags);
      const [{ acknowledge }, { severityNamed }] = await Promise.all([
        import('../../use-cases/incidents/changes.ts'),
        import('../../use-cases/incidents/severity.ts'),
      ]);
      const severity = flags.severity === undefined ? undefined : severityNamed(flags.severity);
      await doAndShow(host, flags, (desk) => acknowledge(desk, { id, as: flags.as, severity, at: flags.at }));
    });
}

function declareNote(incident: Command, host: Host): void {
  withTextArguments(withIncidentFlags(incident.command('note')))
    .option('--at <when>', aboutAt)
    .summary('write down what you see or do')
    .description(
      'Writes a note into the timeline, for those who work on the incident. Nobody is told. Also of one that is over.',
    )
    .addHelpText(
      'after',
      `\nExamples:\n  nanoops incident note "p99 fell after the restart"\n  nanoops incident note tango "the vendor called back" --at 10m\n\n${exits}`,
    )
    .action(async (first: string | undefined, second: string | undefined, flags: AtFlags) => {
      refuseUnused(flags);
      const { note } = await import('../../use-cases/incidents/changes.ts');
      const { id, text } = idAndText([first, second]);
      if (text === undefined) throw textMissing('note', 'nanoops incident note "p99 fell after the restart"');
      await doAndShow(host, flags, (desk) => note(desk, { id, text, at: flags.at }));
    });
}

interface UpdateFlags extends AtFlags {
  readonly public?: string;
  readonly severity?: string;
  readonly mitigated?: boolean;
  readonly rootCause?: string;
  readonly confirmed?: boolean;
  readonly impact?: string;
  readonly users?: number;
  readonly dataLost?: string;
  readonly action?: string;
  readonly owner?: string;
  readonly due?: string;
  readonly role?: readonly string[];
  readonly began?: string;
}

function declareUpdate(incident: Command, host: Host): void {
  withTextArguments(withIncidentFlags(incident.command('update')))
    .option('--public <text>', 'what customers read on the status page')
    .option('--mitigated', 'its effects are over; the cause may be not')
    .option('--severity <severity>', 'it is worse, or less bad, than it was opened as')
    .option('--root-cause <text>', 'what broke, and why: a hypothesis')
    .option('--confirmed', 'the root cause is one no longer: it is confirmed')
    .option('--impact <text>', 'what it means, and for whom')
    .addOption(new Option('--users <number>', 'how many users feel it').argParser(parseCount))
    .option('--data-lost <text>', 'what was lost, or "nothing"')
    .option('--began <when>', 'when the trouble began')
    .addOption(new Option('--role <role=who>', 'who does what (repeatable)').argParser(collected))
    .option('--action <text>', 'what is to be done so that it does not happen again')
    .option('--owner <who>', 'who does it (with --action)')
    .option('--due <day>', 'by when, 2026-12-01 (with --action)')
    .option('--at <when>', aboutAt)
    .summary('say how it stands, and what is known of it')
    .description(
      'Says how an incident stands, which counts as a status update; and writes down its cause, its impact and what is to be done.',
    )
    .addHelpText(
      'after',
      `
Examples:
  nanoops incident update "one task more runs, p99 falls"
  nanoops incident update --public "Most requests are fast again; we go on watching."
  nanoops incident update tango --root-cause "the pool of 15 connections was used up" --confirmed
  nanoops incident update --mitigated --impact "uploads failed" --users 500
  nanoops incident update --action "test the pool at 1000 users" --owner ana --due 2026-12-01

${exits}`,
    )
    .action(async (first: string | undefined, second: string | undefined, flags: UpdateFlags) => {
      refuseUnused(flags);
      const [{ update }, { severityNamed }] = await Promise.all([
        import('../../use-cases/incidents/changes.ts'),
        import('../../use-cases/incidents/severity.ts'),
      ]);
      const { id, text } = isOnlyId(first, second, flags) ? { id: first } : idAndText([first, second]);
      const { rootCause, confirmed = false, mitigated = false, impact, users, dataLost, action, owner, due } = flags;
      const severity = flags.severity === undefined ? undefined : severityNamed(flags.severity);
      await doAndShow(host, flags, (desk) =>
        update(desk, {
          id,
          text,
          at: flags.at,
          publicText: flags.public,
          severity,
          mitigated,
          rootCause,
          confirmed,
          impact,
          users,
          dataLost,
          action,
          owner,
          due,
          roles: flags.role ?? [],
          began: flags.began,
        }),
      );
    });
}

/** `update tango --mitigated`: a single word beside something else that is said is the id. */
function isOnlyId(first: string | undefined, second: string | undefined, flags: UpdateFlags): boolean {
  if (first === undefined || second !== undefined || /\s/.test(first)) return false;
  const says = [
    flags.public,
    flags.severity,
    flags.mitigated,
    flags.rootCause,
    flags.confirmed,
    flags.impact,
    flags.users,
  ];
  return [...says, flags.dataLost, flags.action, flags.role, flags.began].some((each) => each !== undefined);
}

interface ResolveFlags extends AtFlags {
  readonly text?: string;
  readonly public?: string;
  readonly look: boolean;
}

function declareResolve(incident: Command, host: Host): void {
  withIncidentFlags(incident.command('resolve'), ['--timeout'])
    .argument('[id]', aboutId)
    .option('--text <text>', 'how it was fixed')
    .option('--public <text>', 'what customers read on the status page')
    .option('--at <when>', aboutAt)
    .option('--no-look', 'keep nothing of what the stack shows now (alarms, deployments, log lines, metrics)')
    .summary('the service is restored')
    .description('Ends an incident, tells who is to know, and keeps what the stack showed while it lasted.')
    .addHelpText(
      'after',
      `\nExamples:\n  nanoops incident resolve --text "rolled back to version 60"\n  nanoops incident resolve tango --public "All requests are answered again."\n\n${exits}`,
    )
    .action(async (id: string | undefined, flags: ResolveFlags) => {
      refuseUnused(flags);
      const { resolve } = await import('../../use-cases/incidents/changes.ts');
      await doAndShow(host, flags, (desk) =>
        resolve(desk, { id, text: flags.text, publicText: flags.public, at: flags.at, looks: flags.look }),
      );
    });
}

function declareReopen(incident: Command, host: Host): void {
  withIncidentFlags(incident.command('reopen'))
    .argument('<id>', 'the incident, its word or its beginning')
    .addArgument(new Argument('<reason>', 'why, in quotes'))
    .summary('take up an incident that was not over')
    .description('Takes up an incident that was resolved, and was not over. Who is to know is told.')
    .addHelpText('after', `\nExamples:\n  nanoops incident reopen tango "p99 is at 4 s again"\n\n${exits}`)
    .action(async (id: string, reason: string, flags: StackFlags) => {
      refuseUnused(flags);
      const { reopen } = await import('../../use-cases/incidents/changes.ts');
      await doAndShow(host, flags, (desk) => reopen(desk, { id, reason }));
    });
}

function withTextArguments(command: Command): Command {
  return command
    .argument('[id]', aboutId)
    .argument('[text]', 'what to write, in quotes; alone, it is of the only incident that is open');
}

function textMissing(what: string, nextStep: string): NanoopsError {
  return new NanoopsError(`there is nothing to ${what}`, { code: 'TextMissing', exitCode: 2, nextStep });
}
