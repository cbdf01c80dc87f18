/** The words for an incident, the same on a terminal and on a page. */
import { durationText } from './duration-text.ts';
import type { IncidentDocument } from './incident-schemas.ts';

type Item = IncidentDocument['checklist'][number];

/** `T+4:07`, `T-0:30`, `T+1:02:07`. */
export function offsetText(ms: number): string {
  const seconds = Math.round(Math.abs(ms) / 1000);
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (value: number): string => String(value).padStart(2, '0');
  const clock = hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
  return `T${ms < 0 && seconds > 0 ? '-' : '+'}${clock}`;
}

/** What is said of an item of the process, beside its title. */
export function itemText({ status, dueAt, doneAt, lateMs }: Item, detectedAt: string, asOf: string): string {
  const at = (iso: string): string => offsetText(Date.parse(iso) - Date.parse(detectedAt));
  switch (status) {
    case 'done':
      return `${at(doneAt ?? dueAt)}${lateMs === null ? '' : `, ${durationText(lateMs)} late`}`;
    case 'due':
      return `in ${durationText(Date.parse(dueAt) - Date.parse(asOf))} (${at(dueAt)})`;
    case 'overdue':
      return `${durationText(lateMs ?? 0)} overdue (${at(dueAt)})`;
    case 'missed':
      return `missed (${at(dueAt)})`;
  }
}

const stateWords: Readonly<Record<IncidentDocument['state'], string>> = {
  open: 'open, nobody has taken it',
  acknowledged: 'acknowledged',
  mitigated: 'mitigated, not over',
  resolved: 'resolved',
};

export function stateText({ state, roles, reopened }: Pick<IncidentDocument, 'state' | 'roles' | 'reopened'>): string {
  const led = state === 'acknowledged' && roles.commander !== null ? `, led by ${roles.commander}` : '';
  return `${stateWords[state]}${led}${reopened === 0 ? '' : `, reopened ${reopened === 1 ? 'once' : `${reopened} times`}`}`;
}

export function causeText({ cause }: Pick<IncidentDocument, 'cause'>): string {
  if (cause === null) return 'not known yet';
  return `${cause.summary} (${cause.confirmed ? 'confirmed' : 'hypothesis'}, by ${cause.basis})`;
}

/** What is known of what it meant; `not determined yet` where nothing is. */
export function impactLine({ summary, users, dataLost }: IncidentDocument['impact']): string {
  const parts = [
    ...(summary === null ? [] : [summary]),
    ...(users === null ? [] : [`${users} users`]),
    ...(dataLost === null ? [] : [`data lost: ${dataLost}`]),
  ];
  return parts.length === 0 ? 'not determined yet' : parts.join('; ');
}
