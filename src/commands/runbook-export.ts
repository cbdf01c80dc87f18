/** `nanoops runbook export`. */
import { Argument, Option, type Command } from 'commander';
import { NanoopsError } from '../errors.ts';
import type { MachineOptions } from '../report/state-machine.ts';
import type { AnyRunbook } from '../runbooks/kit.ts';
import type { Host } from './command.ts';
import { drillModeOption, onlyOfDrills, type DrillModeFlags } from './drill-mode.ts';
import { examples } from './examples.ts';
import { withUnusedStackFlags, type StackFlags } from './flags.ts';
import { checkApprovals } from './refused-flags.ts';

interface ExportFlags extends StackFlags, DrillModeFlags {
  readonly format: 'mermaid' | 'step-functions';
  readonly cluster?: string;
  readonly taskDefinition?: string;
  readonly subnets?: string;
  readonly securityGroups?: string;
  readonly assignPublicIp?: boolean;
  readonly container: string;
  readonly approvalsTopic?: string;
}

const answers = ['--approve', '--yes', '--accept-loss'];

export function declareExport(runbook: Command, host: Host): void {
  withUnusedStackFlags(runbook.command('export'), ['--config', '--environment', ...answers])
    .summary('a runbook\u2019s graph for another program')
    .description(
      'Prints a runbook\u2019s graph as Mermaid, or as a state machine of AWS Step Functions, in which each step is an ECS task that runs "nanoops runs step". Needs no configuration and no account.',
    )
    .addArgument(new Argument('<id>', 'the runbook'))
    .addOption(
      new Option('--format <format>', 'what to print').choices(['mermaid', 'step-functions']).default('mermaid'),
    )
    .option('--cluster <cluster>', 'the ECS cluster that the tasks run on')
    .option(
      '--task-definition <family>',
      'the task definition that has nanoops as its entry point: a family, or an ARN',
    )
    .option('--subnets <ids>', 'where the tasks run, with commas between them')
    .option('--security-groups <ids>', 'of the tasks, with commas between them')
    .option('--assign-public-ip', 'for subnets without a NAT gateway')
    .option('--container <name>', 'the container of the task definition', 'nanoops')
    .option('--approvals-topic <arn>', 'the SNS topic that hears of a step that waits for an answer')
    .addOption(drillModeOption('of a drill; '))
    .addHelpText(
      'after',
      examples(
        [
          ['nanoops runbook export latency', 'as Mermaid'],
          [
            'nanoops runbook export region-drill --format step-functions --cluster shop --task-definition nanoops-drill --subnets subnet-0a1b2c3d --yes > drill.asl.json',
            '',
          ],
        ],
        '0 printed; 2 wrong usage, or no such runbook.',
      ),
    )
    .action(async (id: string, flags: ExportFlags) => {
      const [{ exportedRunbook }, { runbookNamed }] = await Promise.all([
        import('../use-cases/runbooks.ts'),
        import('../use-cases/own-files.ts'),
      ]);
      const exported = await runbookNamed(id, () => host.own(flags));
      const machine = flags.format === 'step-functions' ? await machineOf(flags, exported) : undefined;
      if (machine === undefined) refuseWithoutMachine(flags);
      await host.showExport(flags, exportedRunbook(exported), machine);
    });
}

/** @throws NanoopsError `TasksNotNamed`, `NotAContainer`, `UnknownApproval`, `FlagWithoutMeaning` */
async function machineOf(flags: ExportFlags, runbook: AnyRunbook): Promise<MachineOptions> {
  const { cluster, taskDefinition, subnets, environment, mode, approvalsTopic } = flags;
  const missing = [
    ...(cluster === undefined ? ['--cluster'] : []),
    ...(taskDefinition === undefined ? ['--task-definition'] : []),
    ...(listed(subnets).length === 0 ? ['--subnets'] : []),
  ];
  if (cluster === undefined || taskDefinition === undefined || missing.length > 0)
    throw tasksNotNamed(missing, runbook.id);
  checkContainer(flags.container);
  checkApprovals(flags, runbook);
  if (mode !== undefined && (await import('../use-cases/moves.ts')).moveOfRunbook(runbook.id)?.kind !== 'drill') {
    throw onlyOfDrills('leave it out');
  }
  return {
    ...{ cluster, taskDefinition, subnets: listed(subnets), securityGroups: listed(flags.securityGroups) },
    assignsPublicIp: flags.assignPublicIp === true,
    container: flags.container,
    ...(approvalsTopic === undefined ? {} : { approvalsTopic }),
    flags: environment === undefined ? [] : ['-e', environment],
    startFlags: mode === undefined ? [] : ['--mode', mode],
    answers: [
      ...(flags.yes === true ? ['--yes'] : []),
      ...(flags.approve ?? []).flatMap((step) => ['--approve', step]),
      ...(flags.acceptLoss === undefined ? [] : ['--accept-loss', flags.acceptLoss]),
    ],
  };
}

/** Letters, digits, hyphens and underlines. Source: Amazon ECS API Reference, ContainerDefinition, name. */
const containerForm = /^[A-Za-z0-9_-]{1,255}$/;

/** The name becomes part of a path (JSONPath) in the machine, which nothing but a name may be. */
function checkContainer(name: string): void {
  if (containerForm.test(name)) return;
  throw new NanoopsError(
    `--container ${JSON.stringify(name)} is no name of a container: those are letters, digits, - and _, 255 at most`,
    {
      code: 'NotAContainer',
      exitCode: 2,
      nextStep: 'name it as the task definition does (containerDefinitions[].name), or leave it out: nanoops',
    },
  );
}

function listed(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

function tasksNotNamed(missing: readonly string[], id: string): NanoopsError {
  return new NanoopsError(`a state machine has to know where its tasks run: ${missing.join(', ')}`, {
    code: 'TasksNotNamed',
    exitCode: 2,
    nextStep: `nanoops runbook export ${id} --format step-functions --cluster <cluster> --task-definition <family> --subnets <id>,<id>`,
  });
}

/** @throws NanoopsError `FlagWithoutMeaning` */
function refuseWithoutMachine(flags: ExportFlags): void {
  const { cluster, taskDefinition, subnets, securityGroups, assignPublicIp, approvalsTopic, mode } = flags;
  const { approve, yes, acceptLoss } = flags;
  const given = {
    cluster,
    taskDefinition,
    subnets,
    securityGroups,
    assignPublicIp,
    approvalsTopic,
    mode,
    approve,
    yes,
    acceptLoss,
  };
  const [first] = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (first === undefined) return;
  const flag = `--${first.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  throw new NanoopsError(`${flag} is for a state machine`, {
    code: 'FlagWithoutMeaning',
    exitCode: 2,
    nextStep: 'add --format step-functions, or leave it out',
  });
}
