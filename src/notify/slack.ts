/**
 * Posts to a Slack channel by an incoming webhook, as Block Kit (https://docs.slack.dev/reference/block-kit/blocks). The URL is
 * a secret. Texts are plain: nothing in them formats, links or mentions anybody. Slack knows no message again that comes twice,
 * so one whose answer was lost is not sent again. Knows nothing of what is told.
 */
import type { Notification } from '../cloud/notifier.ts';
import { secretAddress } from './address.ts';
import { createCaller, type CallerTools } from './caller.ts';
import { partsOf } from './excerpt.ts';
import type { Receiver } from './receiver.ts';

export interface SlackOptions extends CallerTools {
  readonly webhookUrl: string;
}

/** The limits of the page above: of a header, of a section's text, and of the elements of a context. */
const longestHeader = 150;
const longestSection = 3_000;
const longestElement = 2_000;
/** A message has up to 50 blocks; nobody reads so many. */
const mostSections = 5;
/** "Messages with more than 40,000 characters are truncated"; this is for previews, which show a line or two. */
const longestFallback = 1_000;

const setting = 'notify.slack.webhookUrl';

/** @throws NanoopsError `WebhookUrlInvalid`, without the value. */
export function createSlack({ webhookUrl, ...tools }: SlackOptions): Receiver {
  const address = secretAddress(webhookUrl, `the address of Slack\u2019s webhook (${setting})`);
  const hidden = partsOf(address);
  const caller = createCaller({ receiver: 'slack', subject: 'Slack', setting, hidden, knowsAgain: false, ...tools });
  return {
    name: 'slack',
    async send(notification, signal) {
      const body = JSON.stringify(messageOf(notification));
      return caller.delivery(await caller.send(() => ({ url: address, body }), signal));
    },
  };
}

function messageOf(notification: Notification): object {
  const { title, text } = notification;
  const sections = sectionsOf(text).map((part) => ({ type: 'section', text: plain(part) }));
  return {
    // What a preview shows, and a screen reader says.
    text: escaped(longestFallback, title),
    blocks: [
      { type: 'header', text: plain(escaped(longestHeader, title)) },
      ...sections,
      { type: 'context', elements: [plain(escaped(longestElement, contextOf(notification)))] },
    ],
  };
}

function plain(text: string): object {
  return { type: 'plain_text', text, emoji: false };
}

function contextOf({ severity, service, environment, runId, incident, at }: Notification): string {
  const what =
    incident === undefined ? [severity] : [`${incident.severity} ${incident.change}`, `incident ${incident.id}`];
  const run = runId === undefined ? [] : [`run ${runId}`];
  return [...what, `${service} ${environment}`, ...run, new Date(at).toISOString()].join(' · ');
}

/** Escaped parts that each fit into a section, broken between lines where that can be. The last says that there was more. */
function sectionsOf(text: string): readonly string[] {
  const parts: string[] = [];
  let part = '';
  for (const line of text.split('\n').flatMap((each) => pieces(each))) {
    const joined = part === '' ? line : `${part}\n${line}`;
    if (joined.length <= longestSection) {
      part = joined;
      continue;
    }
    parts.push(part);
    part = line;
  }
  parts.push(part);
  // A section without text is refused.
  const told = parts.filter((each) => each.trim() !== '');
  if (told.length <= mostSections) return told;
  return [...told.slice(0, mostSections - 1), '… the rest does not fit here'];
}

/** A line in pieces that each fit into a section once they are escaped. */
function pieces(line: string): readonly string[] {
  const found: string[] = [];
  let piece = '';
  for (const character of line) {
    const next = entities[character] ?? character;
    if (piece.length + next.length > longestSection) {
      found.push(piece);
      piece = '';
    }
    piece += next;
  }
  return [...found, piece];
}

/** What Slack reads as control characters, and what stands for it (https://docs.slack.dev/messaging/formatting-message-text). */
const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** On one line, escaped, and no longer than that then. */
function escaped(most: number, text: string): string {
  // Blocks without text are refused.
  const line = text.replaceAll(/[\p{C}\p{Z}]+/gu, ' ').trim() || 'nanoops';
  const whole = line.replaceAll(/[&<>]/g, (character) => entities[character] ?? character);
  if (whole.length <= most) return whole;
  let kept = '';
  for (const character of line) {
    const next = entities[character] ?? character;
    if (kept.length + next.length > most - 1) break;
    kept += next;
  }
  return `${kept}…`;
}
