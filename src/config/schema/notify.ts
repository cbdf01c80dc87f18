/** Who is told: the sinks of notifications. Everything that would let a stranger send in our name is a reference. */
import * as z from 'zod';
import { httpUrl, plainText, region, secret, textLike } from './fields.ts';

export const notify = z
  .strictObject({
    pagerduty: z
      .strictObject({
        routingKey: secret().describe('The integration key of an Events API v2 integration.'),
        url: httpUrl().default('https://events.pagerduty.com').describe('Another service region’s events API.'),
      })
      .optional()
      .describe('PagerDuty, through its Events API v2.'),
    opsgenie: z
      .strictObject({
        apiKey: secret().describe('The key of an API integration.'),
        region: z.enum(['us', 'eu']).default('us').describe('Opsgenie’s service region.'),
      })
      .optional()
      .describe('Opsgenie, through its Alert API.'),
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
  })
  .describe('Who is told of incidents, approvals and drills.');
