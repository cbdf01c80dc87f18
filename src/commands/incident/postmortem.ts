/** `nanoops incident postmortem|publish`. */
import type { Command } from 'commander';
import { NanoopsError } from '../../errors.ts';
import type { Host } from '../command.ts';
import type { StackFlags } from '../flags.ts';
import { refuseUnused, withIncidentFlags } from './flags.ts';

interface PostmortemFlags extends StackFlags {
  readonly public?: boolean;
  readonly run?: string;
  readonly look: boolean;
}

export function declareIncidentPostmortem(incident: Command, host: Host): void {
  withIncidentFlags(incident.command('postmortem'), ['--report', '--timeout'])
    .argument('[id]', 'the incident, its word or its beginning (default: the one that is open, else the newest)')
    .option('--public', 'for customers: without names, hosts, ids, account numbers and ARNs')
    .option('--run <run-id>', 'of a drill or a failover, in the place of an incident')
    .option('--no-look', 'take what was kept, and look at nothing more')
    .summary('write it up: what happened, why, what it meant, what is to be done')
    .description(
      'Writes a post-mortem with everything that is known filled in: times, timeline, cause, impact, what was changed, action items, and what to ask. What was not measured says so.',
    )
    .addHelpText(
      'after',
      `
Examples:
  nanoops incident postmortem tango                              as Markdown
  nanoops incident postmortem tango --report postmortem.html     a page with charts
  nanoops incident postmortem tango --public --report report.html
  nanoops incident postmortem --run 20261110T150000Z-region-drill-7k2m9x

Exit codes: 0 written; 2 wrong usage, or no such incident; 3 what is kept could not be read; 5 it could not be written.`,
    )
    .action(async (id: string | undefined, flags: PostmortemFlags) => {
      refuseUnused(flags);
      if (id !== undefined && flags.run !== undefined) throw incidentAndRun();
      const isPublic = flags.public === true;
      const { materialFor, postmortemOf, publicPostmortemOf } = await import('../../use-cases/incidents/postmortem.ts');
      await host.showPostmortem(flags, async () => {
        const { sha256 } = await host.digest();
        return host.withIncidents(flags, { needsStack: false }, async (desk) => {
          const material = await materialFor(desk, {
            id,
            fromRun: flags.run,
            looks: flags.look,
            ...(isPublic || flags.report === undefined ? {} : { writtenTo: flags.report }),
          });
          return { document: isPublic ? publicPostmortemOf(material.standing, sha256) : postmortemOf(material) };
        });
      });
    });

  withIncidentFlags(incident.command('publish'), ['--dry-run'])
    .argument('<place>', 'a folder, or s3://bucket/prefix')
    .option('--title <text>', 'what the page is called', 'Service status')
    .summary('render the status page')
    .description(
      'Renders the status page of this stack from its incidents, as index.html and status.json: what was said to customers, and nothing else. Into a bucket it puts those two objects, with a client that can do nothing else.',
    )
    .addHelpText(
      'after',
      `
Examples:
  nanoops incident publish ./status                          a folder that a web server shows
  nanoops incident publish s3://nano-status --title "Nano"
  nanoops incident publish ./status --sandbox                what happened on the simulated AWS

Exit codes: 0 published; 2 wrong usage; 3 an incident could not be read: nothing was written; 5 it could not be written.`,
    )
    .action(async (place: string, flags: StackFlags & { readonly title: string }) => {
      refuseUnused(flags, ['dryRun']);
      const { statusPageOf } = await import('../../use-cases/incidents/status-page.ts');
      const { sha256 } = await host.digest();
      await host.publishStatusPage(flags, place, () =>
        host.withIncidents(flags, { needsStack: true }, async (desk) => ({
          document: await statusPageOf(desk, {
            title: desk.simulated === undefined ? flags.title : `${flags.title} (simulated)`,
            digest: sha256,
          }),
          region: desk.stack?.primary.region ?? 'us-east-1',
        })),
      );
    });
}

function incidentAndRun(): NanoopsError {
  return new NanoopsError('a post-mortem is of an incident or of a run: both are named', {
    code: 'FlagWithoutMeaning',
    exitCode: 2,
    nextStep: 'leave one of the two out',
  });
}
