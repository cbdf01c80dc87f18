/** How nanoops itself is observed. Off unless it is asked for. */
import * as z from 'zod';
import { region, textLike } from './fields.ts';

export const observability = z
  .strictObject({
    metrics: z
      .strictObject({
        namespace: textLike(/^(?!AWS\/)[A-Za-z0-9._/#:-]{1,255}$/, (input) =>
          input.startsWith('AWS/')
            ? 'must not begin with AWS/, which is reserved'
            : 'must be a namespace of metrics: letters, digits and . _ / # : -',
        )
          .default('Nanoops')
          .describe('The namespace of the metrics.'),
        region: region().describe('Where they are kept; best the region that survives.'),
      })
      .optional()
      .describe('Runs tell CloudWatch how long they took, what they reached of RTO and RPO, and whether they failed.'),
  })
  .describe('How nanoops itself is observed.');
