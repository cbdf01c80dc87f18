/** The plan of capacity: up to how many daily users which infrastructure is meant to do. */
import * as z from 'zod';
import { plainText } from './fields.ts';

const wholeNumber = (what: string) =>
  z.int({ error: `must be a whole number of ${what}` }).min(1, { error: 'must be 1 or more' });

const tier = z.strictObject({
  users: wholeNumber('daily active users').describe('Daily active users that it is meant for; it is full there.'),
  tasks: z
    .tuple([wholeNumber('tasks'), wholeNumber('tasks')], { error: 'must be the least and the most tasks: [3, 4]' })
    .refine(([least, most]) => least <= most, { error: 'must name the least first: [3, 4]' })
    .optional()
    .describe('The least and the most tasks.'),
  database: plainText(200).optional().describe('The database: an instance class, for example.'),
  note: plainText(200).optional().describe('What else belongs to it.'),
});

const specified: readonly z.input<typeof tier>[] = [
  { users: 1000, tasks: [2, 2], database: 'db.t4g.medium' },
  { users: 5000, tasks: [3, 4], database: 'db.t4g.large' },
  { users: 10_000, tasks: [5, 8], database: 'db.r6g.large' },
  { users: 50_000, tasks: [10, 20], database: 'a database for each service', note: 'microservices' },
];

export const capacity = z
  .strictObject({
    tiers: z
      .array(tier)
      .min(1, { error: 'must hold a tier, or be left out: then the operations specification’s hold' })
      .superRefine((tiers, context) => {
        for (const [index, { users }] of tiers.entries()) {
          const before = tiers[index - 1];
          if (before === undefined || users > before.users) continue;
          context.addIssue({
            code: 'custom',
            path: [index, 'users'],
            message: `must be more than the ${before.users} of the tier before it`,
          });
        }
      })
      .prefault([...specified])
      .describe('By rising numbers of users.'),
  })
  .describe('The plan that growth is held against.');
