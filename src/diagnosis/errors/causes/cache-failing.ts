/** The cache fails, or does not hold what is asked of it: requests wait for others that fill it, and give up. */
import { opposeBalancer, weighMessages, type ErrorCause } from '../cause.ts';
import { risenMessages } from '../signals.ts';

export const cacheFailing: ErrorCause = {
  id: 'cache-failing',
  component: ({ picture }) => picture.names.cache,
  // Most services go on without their cache: only a log that says that requests fail for it tells.
  prior: -5,
  weigh: (signals, balance) => {
    weighMessages(signals, balance, 6, 'cache');
    opposeBalancer(signals, balance, 3);
  },
  summary: (signals, component) => {
    const told = risenMessages(signals, 'cache')?.example;
    return `requests fail for want of ${component}${told === undefined ? '' : `: ${told}`}`;
  },
};
