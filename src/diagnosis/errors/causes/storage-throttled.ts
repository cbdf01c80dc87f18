/** S3 turns calls away, or fails them. */
import { evidence, quantity } from '../../evidence.ts';
import { opposeBalancer, weighMessages, weighOrigins, type ErrorCause } from '../cause.ts';
import { risenMessages, topOrigin } from '../signals.ts';

export const storageThrottled: ErrorCause = {
  id: 'storage-throttled',
  component: (signals) => signals.picture.names.bucket ?? topOrigin(signals, 'storage')?.component.name,
  weigh: (signals, balance) => {
    const { storageErrors } = signals;
    weighOrigins(signals, balance, 'storage');
    weighMessages(signals, balance, 1.5, 'storage');
    if (storageErrors !== undefined && storageErrors.score >= 4 && storageErrors.during > 0) {
      const { before, during, series } = storageErrors;
      const text = `5xx a minute of the bucket ${quantity(before, 'count')} → ${quantity(during, 'count')}`;
      balance.favour(1.5, evidence(series.source, text));
    }
    opposeBalancer(signals, balance, 3);
  },
  summary: (signals, component) => {
    const isThrottled = /slow ?down|reduce your request rate/i.test(risenMessages(signals, 'storage')?.example ?? '');
    return `S3 ${isThrottled ? 'throttles' : 'fails'} calls for ${component}`;
  },
};
