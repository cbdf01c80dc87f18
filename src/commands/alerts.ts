/** `nanoops alerts check`. */
import type { DeclareCommand } from './command.ts';
import { declareMonitoring } from './monitoring.ts';
import type { StackFlags } from './flags.ts';
import { refuseForReport, reportExitCodes, withReportFlags } from './report-flags.ts';
import { examples } from './examples.ts';

export const declareAlerts: DeclareCommand = (alerts, host) => {
  alerts
    .description(
      'The rules that page somebody or send a warning: evaluates them now, and makes alarms of CloudWatch of them.',
    )
    .addHelpText(
      'after',
      examples([
        ['nanoops alerts check', 'would anybody be paged now?'],
        ['nanoops alerts plan', 'what CloudWatch has of the rules, and lacks'],
      ]),
    );
  withReportFlags(alerts.command('check'))
    .summary('evaluate the ten rules now')
    .description(
      'Evaluates the rules that page (critical) and those that warn, each over its own window, without any alarm having to be there. Changes nothing, and pages nobody.',
    )
    .addHelpText(
      'after',
      `
Examples:
  nanoops alerts check                          would anybody be paged now?
  nanoops alerts check --until 02:00Z           would anybody have been, at two?
  nanoops alerts check -o json                  for scripts
  nanoops alerts check --sandbox crash-loop     on the simulated AWS; needs nothing

${reportExitCodes}`,
    )
    .action(async (flags: StackFlags) => {
      refuseForReport(flags);
      const [{ alertChecks }, { checkReport }] = await Promise.all([
        import('../use-cases/check-catalogue.ts'),
        import('../use-cases/check-report.ts'),
      ]);
      await host.showReport(flags, { scenario: 'healthy', fewestCalls: true }, (session, { until, timeoutMs }) =>
        checkReport(session, {
          command: 'alerts check',
          checks: alertChecks,
          failOn: flags.failOn ?? 'warning',
          region: flags.region,
          until,
          timeoutMs,
        }),
      );
    });

  declareMonitoring(alerts, host, 'alerts', {
    plan: {
      summary: 'how the alarms in the account differ from the rules',
      description:
        'Compares the rules, and the burn of the error budget, with the alarms, topics and event rules in the account, in both regions. Changes nothing. Only what bears nanoops\u2019 tags is ever altered; what others made is left alone.',
      examples: `  nanoops alerts plan                           what would be created, updated, deleted?
  nanoops alerts plan -v                        with every attribute, and what is unchanged
  nanoops alerts plan --region us-east-1        one region alone
  nanoops alerts plan -o json                   for scripts
  nanoops alerts plan --sandbox                 on the simulated AWS; needs nothing`,
    },
    apply: {
      summary: 'make the alarms as the rules have them',
      description:
        'Makes the alarms, topics and event rules of the plan, once somebody has agreed to it. A change that fails has the others of the run put back. Run again, it changes nothing.',
      examples: `  nanoops alerts apply                          shows the plan, asks, and makes it
  nanoops alerts apply --yes                    without asking, in a pipeline
  nanoops alerts apply --approve approve-plan@1a2b3c4d5e6f   the plan that was shown, and no other
  nanoops alerts apply --dry-run                the plan alone
  nanoops alerts apply --sandbox --yes          on the simulated AWS; needs nothing`,
    },
    export: {
      summary: 'the same as templates of CloudFormation',
      description:
        'Writes what "alerts apply" would make as a template of CloudFormation, one for each region. Reads what the parts of the stack are called, and changes nothing.',
      examples: `  nanoops alerts export --region us-west-2      the template of one region, on stdout
  nanoops alerts export --file alerts.yaml      alerts.us-west-2.yaml and alerts.us-east-1.yaml
  nanoops alerts export --file alerts.json --format json
  nanoops alerts export --sandbox --region us-west-2`,
    },
  });
};
