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
  /** True where the service knows a message again that comes twice within a minute. */
  readonly knowsAgain?: boolean;
}

const attempts = 2;
const mayHaveCome = 'it may have come, and is not sent twice';
const pauseMs = 500;

/**
 * Tells with a second attempt where the first was not taken. One whose answer was lost may have come: it is sent again only where
 * the service knows it again. Never rejects, and ends at once when the signal aborts. `send` gives what the service calls what
 * it took.
 */
export async function told(
  { receiver, subject, clock, signal, knowsAgain = false }: Telling,
  send: () => Promise<string>,
): Promise<Delivery> {
  const attempted = async (): Promise<Delivery> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return { receiver, delivered: true, detail: `${subject} took it: ${await send()}` };
      } catch (error) {
        const mayBeTaken = mayHeal(error) && !wasNotTaken(error);
        if (attempt >= attempts || !mayHeal(error) || (mayBeTaken && !knowsAgain) || signal?.aborted === true) {
          // After a while none of them knows it again.
          if (mayBeTaken) return { receiver, delivered: false, detail: `${reasonOf(error)}; ${mayHaveCome}` };
          const later = wasNotTaken(error) ? { mayBeTakenLater: true } : {};
          return { receiver, delivered: false, ...later, detail: reasonOf(error) };
        }
      }
      await clock.sleep(pauseMs);
    }
  };
  if (signal === undefined) return attempted();
  const late: Delivery = {
    receiver,
    delivered: false,
    detail: `${subject} did not take it in time: no answer; ${mayHaveCome}`,
  };
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

/** It passes, and nothing was taken: the request never went out, or the service said so. */
function wasNotTaken(error: unknown): boolean {
  if (!(error instanceof CloudError) || !mayHeal(error)) return false;
  return error.details.sent === false || error.errorClass === 'throttled' || error.kind === 'service-fault';
}

/** Only the words of errors that are made to be read; what an unforeseen one says might hold anything. */
function reasonOf(error: unknown): string {
  if (error instanceof CloudError) return error.message;
  return `nanoops itself failed to send it (${error instanceof Error ? error.name : typeof error})`;
}
