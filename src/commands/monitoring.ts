/** What `alerts` and `dashboard` have in common: plan, apply, export. */
import { Option, type Command } from 'commander';
import { NanoopsError } from '../errors.ts';
import { monitoringChanges } from '../use-cases/monitoring-operations.ts';
import type { Monitored } from '../use-cases/monitoring-plan.ts';
import type { Host } from './command.ts';
import { outputOf, withStackFlags, withoutHelpFor, type StackFlags } from './flags.ts';
import { checkApprovals, refuseFlags } from './refused-flags.ts';

export interface MonitoringTexts {
  readonly plan: { readonly summary: string; readonly description: string; readonly examples: string };
  readonly apply: MonitoringTexts['plan'];
  readonly export: MonitoringTexts['plan'];
}

const times = ['--since', '--until', '--accept-loss'];
const acting = ['--dry-run', '--approve', '--yes'];

/** @throws NanoopsError `FlagWithoutMeaning` */
function refuseTimes(flags: StackFlags): void {
  const because = { because: 'it is about the present', nextStep: 'leave it out' };
  refuseFlags(flags, {
    since: because,
    until: because,
    acceptLoss: { because: 'nothing here can lose data', nextStep: 'leave it out' },
  });
}

/** @throws NanoopsError `FlagWithoutMeaning` */
function refuseActing(flags: StackFlags): void {
  const because = { because: 'it changes nothing, and asks nothing', nextStep: 'leave it out' };
  refuseFlags(flags, { approve: because, yes: because });
}

export function declareMonitoring(parent: Command, host: Host, what: Monitored, texts: MonitoringTexts): void {
  declarePlan(parent, host, what, texts.plan);
  declareApply(parent, host, what, texts.apply);
  declareExport(parent, host, what, texts.export);
}

async function showPlan(host: Host, flags: StackFlags, what: Monitored, command: string): Promise<void> {
  const [{ planDocument, planMonitoring }, { planSheet }] = await Promise.all([
    import('../use-cases/monitoring-plan.ts'),
    import('../use-cases/monitoring-apply.ts'),
  ]);
  await host.showSheet(flags, { scenario: 'healthy' }, async (session, { timeoutMs }) => {
    const planned = await planMonitoring(session, what, { region: flags.region, timeoutMs });
    const document = planDocument(session, planned, command);
    return { document, items: document.changes, sheet: planSheet(document) };
  });
}

function declarePlan(
  parent: Command,
  host: Host,
  what: Monitored,
  { summary, description, examples }: MonitoringTexts['plan'],
): void {
  withoutHelpFor(withStackFlags(parent.command('plan')), [...times, ...acting])
    .summary(summary)
    .description(description)
    .addHelpText(
      'after',
      `
Examples:
${examples}

Exit codes: 0 nothing to change; 1 there is, or something is in the way; 2 wrong usage or configuration; 3 it could not be looked
at; 130 interrupted.`,
    )
    .action(async (flags: StackFlags) => {
      refuseTimes(flags);
      refuseActing(flags);
      await showPlan(host, flags, what, `${what} plan`);
    });
}

function declareApply(
  parent: Command,
  host: Host,
  what: Monitored,
  { summary, description, examples }: MonitoringTexts['plan'],
): void {
  withoutHelpFor(withStackFlags(parent.command('apply')), times)
    .summary(summary)
    .description(description)
    .addHelpText(
      'after',
      `
Examples:
${examples}

Exit codes: 0 everything is as planned; 2 wrong usage or configuration; 3 a region could not be looked at, nothing was changed;
4 the approval is missing or was declined; 5 a change failed, or somebody else’s resource is in the way; 6 another run does it;
130 interrupted. With --dry-run those of plan.`,
    )
    .action(async (flags: StackFlags) => {
      refuseTimes(flags);
      checkApprovals(flags, { id: `${what}-apply`, steps: [{ id: 'approve-plan', kind: 'approve' }] });
      if (flags.dryRun === true) {
        await showPlan(host, flags, what, `${what} apply`);
        return;
      }
      const { applyMonitoringPlan } = await import('../use-cases/monitoring-apply.ts');
      const acts = { mode: 'execute' as const, changes: monitoringChanges };
      await host.showRun(flags, { scenario: 'healthy', acts }, (session, { timeoutMs }) =>
        applyMonitoringPlan(session, what, { region: flags.region, timeoutMs }),
      );
    });
}

interface ExportFlags extends StackFlags {
  readonly format?: 'yaml' | 'json';
  readonly file?: string;
}

function declareExport(
  parent: Command,
  host: Host,
  what: Monitored,
  { summary, description, examples }: MonitoringTexts['plan'],
): void {
  withoutHelpFor(withStackFlags(parent.command('export'), false), [...times, ...acting, '--report'])
    .addOption(new Option('--format <format>', 'how templates are written (default: yaml)').choices(['yaml', 'json']))
    .option(
      '--file <path>',
      'write it there; with several regions one file each: alerts.yaml becomes alerts.us-west-2.yaml',
    )
    .summary(summary)
    .description(description)
    .addHelpText(
      'after',
      `
Examples:
${examples}

Exit codes: 0 written; 2 wrong usage or configuration; 3 what the parts of the stack are called could not be read; 5 a file could
not be written; 130 interrupted.`,
    )
    .action(async (flags: ExportFlags) => {
      refuseTimes(flags);
      refuseActing(flags);
      const because = { because: 'a template is no report', nextStep: 'leave it out; --file writes the template' };
      refuseFlags(flags, { dryRun: { because: 'it changes nothing', nextStep: 'leave it out' }, report: because });
      const format = flags.format ?? (outputOf(flags) === 'json' ? 'json' : 'yaml');
      const { monitoringTemplates } = await import('../use-cases/monitoring-apply.ts');
      await host.showTemplates(
        flags,
        { scenario: 'healthy' },
        { format, file: flags.file },
        async (session, { timeoutMs }) => {
          const templates = await monitoringTemplates(session, what, { region: flags.region, timeoutMs });
          const [first, second] = templates;
          if (first !== undefined && second !== undefined && flags.file === undefined)
            throw severalTemplates(what, first.region);
          return templates;
        },
      );
    });
}

function severalTemplates(what: Monitored, region: string): NanoopsError {
  return new NanoopsError('each region has a template of its own, and stdout holds one', {
    code: 'SeveralTemplates',
    exitCode: 2,
    nextStep: `name a region, nanoops ${what} export --region ${region}, or a file for each: nanoops ${what} export --file ${what}.yaml`,
  });
}
