/** A report on many services as Markdown: the answer, a table of all of them, then what is open at each. */
import {
  checkLine,
  fleetHeadline,
  inOrder,
  openChecks,
  serviceLook,
  serviceName,
  serviceTally,
  type FleetService,
} from './fleet-text.ts';
import * as markdown from './markdown.ts';
import type { FleetDocument } from './schemas.ts';
import { counted } from './wording.ts';

/** With an end of line. */
export function fleetMarkdown(fleet: FleetDocument): string {
  const services = inOrder(fleet.services);
  const troubled = services.filter(({ verdict }) => verdict !== 'ok');
  return `${[
    `# nanoops ${markdown.text(fleet.command)}: ${counted(services.length, 'service')}`,
    `**${markdown.text(fleetHeadline(fleet).text)}**`,
    markdown.table(services, [
      { title: '', value: (each) => `${serviceLook(each).mark} ${serviceLook(each).word}` },
      { title: 'service', value: serviceName },
      { title: 'checks', value: serviceTally },
      { title: 'file', value: ({ id }) => id, code: true },
    ]),
    ...troubled.flatMap((service) => [
      `## ${markdown.text(serviceName(service))}`,
      service.error === undefined
        ? openChecks(service)
            .map((check) => `- ${markdown.text(checkLine(check))}${next(check.nextStep)}`)
            .join('\n')
        : errorText(service.error),
    ]),
    `${counted(fleet.api.calls, 'call')}, ${counted(fleet.api.mutations, 'change')}. Exit code ${fleet.exitCode}.`,
  ].join('\n\n')}\n`;
}

function errorText({ message, details, nextStep }: NonNullable<FleetService['error']>): string {
  return [
    markdown.text(message),
    ...(details.length === 0 ? [] : [details.map((detail) => `- ${markdown.text(detail)}`).join('\n')]),
    `**Next:** ${markdown.text(nextStep)}`,
  ].join('\n\n');
}

function next(step: string | null | undefined): string {
  return typeof step === 'string' ? ` Next: ${markdown.code(step)}` : '';
}
