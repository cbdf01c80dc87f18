/** Keeps what Cost Explorer answers, since it charges for every answer: in the user's own cache, account by account. */
import { homedir } from 'node:os';
import type { AccountRef, CostFacts, DailyCost, DailyCosts, DaySpan } from '../cloud/cost-facts.ts';
import type { Clock } from '../engine/clock.ts';
import { StateError } from '../engine/journal-store.ts';
import type { FileCosts } from '../state/file-costs.ts';
import type { Io } from './io.ts';

const format = 'nanoops/costs@1';

export interface KeepingOptions {
  readonly env: Io['env'];
  readonly clock: Clock;
  /** How old a kept answer may be. */
  readonly refreshAfterMs: number;
}

/** Facts that ask AWS only where nothing is kept, or what is kept is too old. A cache that fails is told of, and ends nothing. */
export function keepingCosts(facts: CostFacts, { env, clock, refreshAfterMs }: KeepingOptions): CostFacts {
  return {
    async dailyCosts(account, span) {
      const files = await clock.busy(() => openFiles(env));
      if (files === undefined)
        return { ...(await facts.dailyCosts(account, span)), notKept: 'there is no home folder' };
      const kept = await clock.busy(() => tried(() => load(files, account, span)));
      const ageMs = typeof kept === 'object' ? clock.now() - kept.readAt : -1;
      // What was read in the future was read by another clock.
      if (typeof kept === 'object' && ageMs >= 0 && ageMs < refreshAfterMs) return kept;
      const costs = await facts.dailyCosts(account, span);
      const failure = await clock.busy(() => tried(() => save(files, account, span, costs)));
      const reason = failure ?? (typeof kept === 'string' ? kept : undefined);
      return reason === undefined ? costs : { ...costs, notKept: reason };
    },
  };
}

async function openFiles(env: Io['env']): Promise<FileCosts | undefined> {
  const [{ cacheFolder }, { fileCosts }] = await Promise.all([
    import('../state/cache-folder.ts'),
    import('../state/file-costs.ts'),
  ]);
  const folder = cacheFolder(env, homedir);
  return folder === undefined ? undefined : fileCosts(folder);
}

/** What `work` gives, or why the file system would not. */
async function tried<T>(work: () => Promise<T>): Promise<T | string> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StateError) return error.message;
    throw error;
  }
}

function dayOf({ toDay }: DaySpan): string {
  return new Date(toDay).toISOString().slice(0, 10);
}

async function save(files: FileCosts, { account }: AccountRef, span: DaySpan, costs: DailyCosts): Promise<undefined> {
  await files.save(account, dayOf(span), JSON.stringify({ format, span, costs }));
}

/** Undefined for what was not kept, for another span, or in another form: it is asked anew and replaced. */
async function load(files: FileCosts, { account }: AccountRef, span: DaySpan): Promise<DailyCosts | undefined> {
  const text = await files.load(account, dayOf(span));
  const kept = members(text === undefined ? undefined : jsonIn(text));
  const { fromDay, toDay } = members(kept['span']);
  if (kept['format'] !== format || fromDay !== span.fromDay || toDay !== span.toDay) return undefined;
  const { currency, days, readAt, pages, source } = members(kept['costs']);
  const { operation, region, detail } = members(source);
  if (!isText(currency) || !isNumber(readAt) || !isNumber(pages) || !Array.isArray(days)) return undefined;
  if (!isText(operation) || !isText(region) || !isText(detail)) return undefined;
  const read = days.map((day: unknown) => dailyCostIn(day)).filter((day) => day !== undefined);
  if (read.length < days.length) return undefined;
  return { currency, days: read, readAt, pages, source: { operation, region, detail } };
}

function dailyCostIn(value: unknown): DailyCost | undefined {
  const { day, byService } = members(value);
  const entries = Object.entries(members(byService));
  const amounts = entries.flatMap(([service, amount]) => (isNumber(amount) ? [[service, amount] as const] : []));
  return isNumber(day) && amounts.length === entries.length
    ? { day, byService: Object.fromEntries(amounts) }
    : undefined;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Half a file, or somebody else's: as good as none.
    return undefined;
  }
}

function members(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
