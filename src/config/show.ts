/** The effective configuration, value by value, each with where it came from. Secrets appear as their references. */
import { formatDuration } from './durations.ts';
import { leavesOf, type Origin } from './origins.ts';
import { formatPath, type Path } from './path.ts';
import { printable } from './printable.ts';
import { formatQuantity } from './quantities.ts';
import { isSecretRef } from './secrets.ts';
import { isThresholdCheckId, thresholdDefinitions } from './thresholds.ts';
import type { LoadedConfig } from './load.ts';

/** A type and not an interface, so that it is an item of a list document. */
export type ShownValue = {
  /** The path, which is also the value's id in a list: `objectives.checks.api-latency-p99.target`. */
  readonly id: string;
  /** As it would be written in the file: durations as `1h`, secrets as references. */
  readonly value: string | number | boolean | readonly never[] | Readonly<Record<string, never>>;
  /** `default`, `nanoops.yaml:12`, or `nanoops.yaml:40 (staging)`. */
  readonly origin: string;
  readonly source: Origin['source'];
  readonly line?: number;
  readonly column?: number;
};

/** Every effective value in the order of the schema. */
export function showConfigDocument(loaded: LoadedConfig): { schema: 'nanoops/list@1'; items: ShownValue[] } {
  const items = leavesOf(loaded.config).map(({ path, value }): ShownValue => {
    const id = formatPath(path);
    const origin = loaded.origins.get(id) ?? { source: 'default' };
    return { id, value: written(path, value), origin: originText(origin, loaded), ...origin };
  });
  return { schema: 'nanoops/list@1', items };
}

function originText({ source, line }: Origin, { origin, environment }: LoadedConfig): string {
  if (source === 'default') return 'default';
  const place = line === undefined ? printable(origin) : `${printable(origin)}:${line}`;
  return source === 'overlay' ? `${place} (${printable(environment)})` : place;
}

const durationPaths = new Set(['objectives.rto', 'objectives.rpo', 'drill.holdAfterFailover']);

function written(path: Path, value: unknown): ShownValue['value'] {
  if (isSecretRef(value)) return value.reference;
  if (typeof value === 'number') return writtenNumber(path, value);
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  return Array.isArray(value) ? [] : {};
}

function writtenNumber(path: Path, value: number): string | number {
  if (durationPaths.has(formatPath(path))) return formatDuration(value);
  const [first, second, check] = path;
  if (first === 'objectives' && second === 'checks' && typeof check === 'string' && isThresholdCheckId(check)) {
    const { unit } = thresholdDefinitions[check];
    return unit === 'count' ? value : formatQuantity(value, unit);
  }
  return value;
}
