/** What a receiver of AWS's own and its attempts come to. Knows no service. */
import { CloudError } from '../../cloud/errors.ts';
import type { Delivery } from '../../cloud/notifier.ts';
import type { Clock } from '../../engine/clock.ts';

interface Telling {
  readonly receiver: string;
  /** As sentences call it: `the topic`. */
  readonly subject: string;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}

const attempts = 2;
const pauseMs = 500;

/**
 * Tells with a second attempt where the first may have been lost: what comes twice is better than what never comes. Never
 * rejects, and ends at once when the signal aborts. `send` gives what the service calls what it took.
 */
export async function told(
  { receiver, subject, clock, signal }: Telling,
  send: () => Promise<string>,
): Promise<Delivery> {
  const attempted = async (): Promise<Delivery> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return { receiver, delivered: true, detail: `${subject} took it: ${await send()}` };
      } catch (error) {
        if (attempt >= attempts || !mayHeal(error) || signal?.aborted === true) {
          const later = wasNotTaken(error) ? { mayBeTakenLater: true } : {};
          return { receiver, delivered: false, ...later, detail: reasonOf(error) };
        }
      }
      await clock.sleep(pauseMs);
    }
  };
  if (signal === undefined) return attempted();
  const late: Delivery = { receiver, delivered: false, detail: `${subject} did not take it in time: no answer` };
  if (signal.aborted) return late;
  return Promise.race([
    attempted(),
    new Promise<Delivery>((resolve) => signal.addEventListener('abort', () => resolve(late), { once: true })),
  ]);
}

function mayHeal(error: unknown): boolean {
  if (!(error instanceof CloudError)) return false;
  return ['throttled', 'unreachable', 'service-fault'].includes(error.errorClass);
}

/** It passes, and it is sure that nothing was taken: neither service knows a message again that comes later once more. */
function wasNotTaken(error: unknown): boolean {
  if (!(error instanceof CloudError) || !mayHeal(error)) return false;
  return error.details.sent === false || error.errorClass === 'throttled' || error.kind === 'service-fault';
}

/** Only the words of errors that are made to be read; what an unforeseen one says might hold anything. */
function reasonOf(error: unknown): string {
  if (error instanceof CloudError) return error.message;
  return `nanoops itself failed to send it (${error instanceof Error ? error.name : typeof error})`;
}
