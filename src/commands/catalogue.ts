/**
 * The commands in the order in which the help lists them. Which there are, and what each is for, is known at once; a command's own
 * flags, texts and subcommands are loaded when it is typed: to start costs the same, however many commands there are.
 */
import type { DeclareCommand } from './command.ts';

interface Entry {
  readonly name: string;
  /** One line of the help. Absent where the help does not list it. */
  readonly summary?: string;
  readonly load: () => Promise<DeclareCommand>;
}

export const commands: readonly Entry[] = [
  {
    name: 'init',
    summary: 'find the stack in the account, and write nanoops.yaml',
    load: async () => (await import('./init.ts')).declareInit,
  },
  {
    name: 'status',
    summary: 'every metric against its target and its alert threshold',
    load: async () => (await import('./status.ts')).declareStatus,
  },
  {
    name: 'slo',
    summary: 'objectives: attainment, error budget left, burn rates',
    load: async () => (await import('./slo.ts')).declareSlo,
  },
  {
    name: 'alerts',
    summary: 'the rules that page and warn: evaluate them now, or have CloudWatch do it',
    load: async () => (await import('./alerts.ts')).declareAlerts,
  },
  {
    name: 'dashboard',
    summary: 'the metrics of the stack as a dashboard of CloudWatch',
    load: async () => (await import('./dashboard.ts')).declareDashboard,
  },
  {
    name: 'checks',
    summary: 'the catalogue of checks: list them, run some or all',
    load: async () => (await import('./checks.ts')).declareChecks,
  },
  {
    name: 'checklist',
    summary: 'the weekly checklist, answered with evidence',
    load: async () => (await import('./checklist.ts')).declareChecklist,
  },
  {
    name: 'capacity',
    summary: 'when users and resources outgrow the stack',
    load: async () => (await import('./capacity.ts')).declareCapacity,
  },
  {
    name: 'logs',
    summary: 'error lines as patterns, slow statements, and whether logging is as it should be',
    load: async () => (await import('./logs.ts')).declareLogs,
  },
  {
    name: 'trace',
    summary: 'traces of the service, one of them as a waterfall, who calls whom',
    load: async () => (await import('./trace.ts')).declareTrace,
  },
  {
    name: 'tune',
    summary: 'how the database, the cache and the delivery of content are set up',
    load: async () => (await import('./tune.ts')).declareTune,
  },
  {
    name: 'diagnose',
    summary: 'find out what hurts, and name ranked causes',
    load: async () => (await import('./diagnose.ts')).declareDiagnose,
  },
  {
    name: 'capture',
    summary: 'save what a diagnosis saw, with secrets removed, for --replay',
    load: async () => (await import('./capture.ts')).declareCapture,
  },
  {
    name: 'backup',
    summary: 'whether backups are there, in both regions',
    load: async () => (await import('./backup.ts')).declareBackup,
  },
  {
    name: 'dr',
    summary: 'disaster recovery: drills, failover, failback',
    load: async () => (await import('./dr.ts')).declareDr,
  },
  {
    name: 'incident',
    summary: 'lead an incident: open, acknowledge, update, resolve, learn from it',
    load: async () => (await import('./incident.ts')).declareIncident,
  },
  {
    name: 'runbook',
    summary: 'the runbooks, and what each does',
    load: async () => (await import('./runbook.ts')).declareRunbook,
  },
  {
    name: 'runs',
    summary: 'earlier runs: what they did, and going on with one that stopped',
    load: async () => (await import('./runs.ts')).declareRuns,
  },
  {
    name: 'locks',
    summary: 'who may change what now',
    load: async () => (await import('./locks.ts')).declareLocks,
  },
  {
    name: 'notify',
    summary: 'who is told, and whether they can be reached',
    load: async () => (await import('./notify.ts')).declareNotify,
  },
  {
    name: 'iam',
    summary: 'the least that AWS has to allow',
    load: async () => (await import('./iam.ts')).declareIam,
  },
  {
    name: 'config',
    summary: 'check and explain nanoops.yaml',
    load: async () => (await import('./config.ts')).declareConfig,
  },
  {
    name: 'state',
    summary: 'where journals and leases are kept',
    load: async () => (await import('./state.ts')).declareState,
  },
  {
    name: 'sandbox',
    summary: 'the simulated AWS',
    load: async () => (await import('./sandbox.ts')).declareSandbox,
  },
  {
    name: 'completion',
    summary: 'completion of commands, flags and values by the shell',
    load: async () => (await import('./completion.ts')).declareCompletion,
  },
  {
    name: 'help',
    summary: 'help on a command or a topic',
    load: async () => (await import('./help.ts')).declareHelp,
  },
  { name: 'complete', load: async () => (await import('./complete.ts')).declareComplete },
];
