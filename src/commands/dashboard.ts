/** `nanoops dashboard plan|apply|export`. */
import type { DeclareCommand } from './command.ts';
import { declareMonitoring } from './monitoring.ts';
import { examples } from './examples.ts';

export const declareDashboard: DeclareCommand = (dashboard, host) => {
  dashboard
    .description('The metrics that "status" judges as one dashboard of CloudWatch, with their targets and thresholds.')
    .addHelpText(
      'after',
      examples([
        ['nanoops dashboard plan', 'what would be made'],
        ['nanoops dashboard apply', 'ask, and make it'],
      ]),
    );
  declareMonitoring(dashboard, host, 'dashboard', {
    plan: {
      summary: 'how the dashboard in the account differs',
      description:
        'Compares the dashboard in the account with the one that "dashboard apply" would make. Changes nothing. A dashboard that others made is left alone.',
      examples: `  nanoops dashboard plan                        what would be changed?
  nanoops dashboard plan -v                     with every attribute of every widget
  nanoops dashboard plan --region us-east-1     asked there: a dashboard is of no region
  nanoops dashboard plan --sandbox              on the simulated AWS; needs nothing`,
    },
    apply: {
      summary: 'make the dashboard',
      description: 'Makes the dashboard of the plan, once somebody has agreed to it. Run again, it changes nothing.',
      examples: `  nanoops dashboard apply                       shows the plan, asks, and makes it
  nanoops dashboard apply --yes                 without asking, in a pipeline
  nanoops dashboard apply --dry-run             the plan alone
  nanoops dashboard apply --sandbox --yes       on the simulated AWS; needs nothing`,
    },
    export: {
      summary: 'the same as a template of CloudFormation',
      description:
        'Writes what "dashboard apply" would make as a template of CloudFormation. Reads what the parts of the stack are called, and changes nothing.',
      examples: `  nanoops dashboard export                      the template, on stdout
  nanoops dashboard export --file dashboard.yaml
  nanoops dashboard export --sandbox --format json`,
    },
  });
};
