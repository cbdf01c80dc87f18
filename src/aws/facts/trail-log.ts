/** The log group that a CloudTrail trail is delivered to. */
import type { AccessEvent, TrailLog } from '../../cloud/security-facts.ts';
import type { Window } from '../../cloud/series.ts';
import type { LogGroupRef } from '../../cloud/stack.ts';
import { followPages } from '../pages.ts';
import { accessEventFrom } from './trail-event.ts';
import type { FactTools } from './tools.ts';

/** CloudWatch Logs User Guide, "Filter pattern syntax"; which of these count is decided by what the record says. */
const pattern =
  '{ ($.errorCode = "AccessDenied*") || ($.errorCode = "*UnauthorizedOperation") || ($.eventName = "ConsoleLogin") || ($.userIdentity.type = "Root") }';

const dayMs = 86_400_000;
const mostPagesADay = 40;
const mostEvents = 10_000;
/** Within the minute that a look may take. */
const longestSearchMs = 40_000;

/**
 * FilterLogEvents begins with the oldest line. So the days are searched one after another, the newest first: where a limit
 * ends the search, what was read is the newest, and all of it.
 */
export async function trailLog({ wiring, clients }: FactTools, group: LogGroupRef, window: Window): Promise<TrailLog> {
  const logs = await clients.logs(group.region);
  const deadlineMs = wiring.clock.now() + longestSearchMs * (wiring.clock.pace ?? 1);
  const isOver = () => wiring.clock.now() >= deadlineMs;
  const events: AccessEvent[] = [];
  let read = 0;
  let unreadable = 0;
  let from = window.to;
  let truncated = false;
  while (from > window.from && !truncated) {
    const span = { from: Math.max(window.from, from - dayMs), to: from };
    const searched = await followPages<never>({ pages: mostPagesADay, enough: isOver }, async (nextToken) => {
      const answer = await logs.filterLogEvents({
        logGroupName: group.logGroup,
        startTime: span.from,
        // Unlike the window, AWS counts the end in.
        endTime: span.to - 1,
        filterPattern: pattern,
        nextToken,
      });
      for (const { message = '' } of answer.events ?? []) {
        read += 1;
        const found = accessEventFrom(message);
        if (found === 'unreadable') unreadable += 1;
        else if (found !== undefined) events.push(found);
      }
      return { items: [], next: answer.nextToken };
    });
    // Of a day that was not read to its end only this is sure: what was found in it.
    if (!searched.truncated) from = span.from;
    truncated = searched.truncated || ((events.length > mostEvents || isOver()) && from > window.from);
  }
  const source = { operation: 'logs:FilterLogEvents', region: group.region, detail: group.logGroup };
  return {
    events: events.toSorted((a, b) => b.at - a.at),
    coverage: [{ what: 'the log group', from, read, truncated }],
    unreadable,
    isWritten: await isWritten(),
    source,
  };

  /** Nothing suspicious looks like nothing at all; in a trail's group there is always something. */
  async function isWritten(): Promise<boolean> {
    const span = { from: window.to - dayMs, to: window.to };
    if (events.some(({ at }) => at >= span.from)) return true;
    const { items } = await followPages<true>(
      { pages: mostPagesADay, enough: (found) => found.length > 0 },
      async (nextToken) => {
        const answer = await logs.filterLogEvents({
          logGroupName: group.logGroup,
          startTime: span.from,
          endTime: span.to - 1,
          limit: 1,
          nextToken,
        });
        return { items: (answer.events ?? []).map(() => true as const), next: answer.nextToken };
      },
    );
    return items.length > 0;
  }
}
