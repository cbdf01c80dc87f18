/** What changed around the onset: deployments, tasks, the database, and what people and programs did. Each in a line. Pure. */
import { measuredOnset } from '../incident.ts';
import { valueOf } from '../known.ts';
import { tail } from './cause.ts';
import type { ErrorsPicture } from './picture.ts';

const minuteMs = 60_000;
const beforeMs = 30 * minuteMs;
const afterMs = 3 * minuteMs;
/** More lines than these are no summary. */
const mostLines = 8;

/** In order of time; empty where nothing is known to have changed, or since when is not known. */
export function aroundOnset(picture: ErrorsPicture): readonly string[] {
  const onset = measuredOnset(picture.symptom);
  if (onset === undefined) return [];
  const isNear = ({ at }: Happened): boolean => at >= onset - beforeMs && at <= onset + afterMs;
  return [...deployed(picture), ...scaled(picture), ...ofDatabase(picture), ...changed(picture)]
    .filter(isNear)
    .toSorted((a, b) => a.at - b.at)
    .slice(-mostLines)
    .map(({ at, what }) => `${whenText(onset, at)}: ${what}`);
}

interface Happened {
  readonly at: number;
  readonly what: string;
}

function whenText(onset: number, at: number): string {
  const minutes = Math.round((onset - at) / minuteMs);
  if (minutes === 0) return 'at the onset';
  return minutes > 0 ? `${minutes} min before the onset` : `${-minutes} min after the onset`;
}

function deployed({ deployments }: ErrorsPicture): readonly Happened[] {
  return (valueOf(deployments) ?? []).map(({ startedAt, taskDefinition, previousTaskDefinitions }) => {
    const from = previousTaskDefinitions.find((each) => each !== taskDefinition);
    const version = taskDefinition === undefined ? '' : ` of ${tail(taskDefinition)}`;
    return { at: startedAt, what: `a deployment${version}${from === undefined ? '' : `, after ${tail(from)}`} began` };
  });
}

/** What ECS says of the count of tasks; that it replaces them one by one is no change. */
function scaled({ service }: ErrorsPicture): readonly Happened[] {
  const events = valueOf(service)?.events ?? [];
  return events
    .filter(({ message }) => /desired count|unable to (?:consistently )?start|unhealthy in/i.test(message))
    .map(({ at, message }) => ({ at, what: `ECS: ${message.replace(/^\(service [^)]*\) /, '').slice(0, 160)}` }));
}

function ofDatabase({ databaseEvents }: ErrorsPicture): readonly Happened[] {
  return (valueOf(databaseEvents) ?? [])
    .filter(({ kind }) => kind !== 'other')
    .map(({ at, about, message }) => ({ at, what: `${about}: ${message.replace(/\.$/, '')}` }));
}

/** Deployments are told of already. */
function changed({ changes }: ErrorsPicture): readonly Happened[] {
  return (valueOf(changes)?.changes ?? [])
    .filter(({ call }) => !/^ecs:(?:UpdateService|RegisterTaskDefinition)$|^logs:|^sts:/.test(call))
    .map(({ at, call, who, about }) => ({ at, what: `${call}${about === undefined ? '' : ` ${about}`} by ${who}` }));
}
