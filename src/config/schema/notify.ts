/** Who is told: the sinks of notifications. Everything that would let a stranger send in our name is a reference. */
import * as z from 'zod';
import { httpUrl, plainText, region, secret, textLike } from './fields.ts';

/** The receivers, by the keys under which they are configured. */
export const receiverKeys = ['pagerduty', 'opsgenie', 'slack', 'sns', 'statuspage', 'eventbridge', 'webhook'] as const;

const page = z
  .array(z.enum(['on-call', 'manager']))
  .optional()
  .describe('Who is paged, by PagerDuty and Opsgenie. Empty: nobody.');

const tell = z
  .array(z.enum(['slack', 'sns', 'webhook', 'eventbridge']))
  .optional()
  .describe('Which receivers are told that page nobody.');

const statusPage = z
  .enum(['Major Outage', 'Partial Outage', 'Degraded Performance', 'Investigating', 'none'])
  .optional()
  .describe('What the status page says; none leaves it as it is.')
  .transform((said) => (said === 'none' ? null : said));

const ofIncident = (severity: string) =>
  z.strictObject({ page, statusPage, tell }).optional().describe(`Incidents of ${severity}.`);

const ofMessage = (severity: string) =>
  z.strictObject({ page, tell }).optional().describe(`What is ${severity}, of runs.`);

const routing = z
  .strictObject({
    'SEV-1': ofIncident('SEV-1'),
    'SEV-2': ofIncident('SEV-2'),
    'SEV-3': ofIncident('SEV-3'),
    'SEV-4': ofIncident('SEV-4'),
    critical: ofMessage('critical'),
    warning: ofMessage('a warning'),
    info: ofMessage('information'),
  })
  .optional()
  .describe('Who is told of what, where that differs from what nanoops notify list shows.');

export const notify = z
  .strictObject({
    pagerduty: z
      .strictObject({
        routingKey: secret().describe('The integration key of an Events API v2 integration: of whoever is on call.'),
        managerRoutingKey: secret().optional().describe('The same for the manager, whom SEV-1 pages too.'),
        url: httpUrl().default('https://events.pagerduty.com').describe('Another service region’s events API.'),
      })
      .optional()
      .describe('PagerDuty, through its Events API v2.'),
    opsgenie: z
      .strictObject({
        apiKey: secret().describe('The key of an API integration.'),
        region: z.enum(['us', 'eu']).default('us').describe('Opsgenie’s service region.'),
        url: httpUrl().optional().describe('Another address of the API than the service region’s.'),
        managerTeam: plainText(100).optional().describe('The team that is paged where the manager is: SEV-1.'),
      })
      .optional()
      .describe('Opsgenie, through its Alert API. Its support ends on 2027-04-05.'),
    slack: z
      .strictObject({ webhookUrl: secret().describe('An incoming webhook; whoever has it can post.') })
      .optional()
      .describe('A Slack channel.'),
    sns: z
      .strictObject({
        topicArn: textLike(
          /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}(?:\.fifo)?$/,
          () => 'must be the ARN of a topic: arn:aws:sns:us-east-1:123456789012:name',
        ).describe('The topic; best in the region that survives.'),
      })
      .optional()
      .describe('An SNS topic.'),
    statuspage: z
      .strictObject({
        pageId: textLike(/^[a-z0-9]{1,40}$/, () => 'must be the page’s id: lower-case letters and digits').describe(
          'The page.',
        ),
        apiKey: secret().describe('A key that may write incidents.'),
        components: z
          .array(textLike(/^[a-z0-9]{1,40}$/, () => 'must be a component’s id: lower-case letters and digits'))
          .default([])
          .describe('The components that an incident touches.'),
        url: httpUrl().default('https://api.statuspage.io').describe('Another address of the API.'),
      })
      .optional()
      .describe('An Atlassian Statuspage.'),
    eventbridge: z
      .strictObject({
        bus: textLike(/^[A-Za-z0-9._/-]{1,256}$/, (input) =>
          input.startsWith('arn:')
            ? 'must be the bus’s name, not its ARN: its region is given beside it'
            : 'must be the name of an event bus',
        ).describe('The event bus.'),
        region: region().describe('The bus’s region; best the one that survives.'),
        source: plainText(256).default('nanoops').describe('The source that events carry.'),
      })
      .optional()
      .describe('An EventBridge bus.'),
    webhook: z
      .strictObject({
        url: secret().describe('Where events are posted as JSON; whoever has it can post.'),
        signingKey: secret().optional().describe('The key that signs each post (HMAC-SHA-256).'),
      })
      .optional()
      .describe('Any HTTP endpoint.'),
    routing,
  })
  .describe('Who is told of incidents, approvals and drills.');
