/** What changed from one report to the next of the same checks. */
import { observedText } from './observed-text.ts';
import { lookOf, type ReportCheck } from './report-text.ts';
import type { ReportDocument } from './schemas.ts';
import { momentText } from './wording.ts';

export interface CheckChange {
  readonly id: string;
  readonly before: ReportCheck;
  /** When it was last seen as it was before. */
  readonly until: string;
}

/** Checks whose status is another one, in the order of the newer report. */
export function changesBetween(before: ReportDocument, after: ReportDocument): readonly CheckChange[] {
  const former = new Map(before.checks.map((check) => [check.id, check]));
  return after.checks.flatMap((check) => {
    const was = former.get(check.id);
    return was === undefined || was.status === check.status
      ? []
      : [{ id: check.id, before: was, until: before.generatedAt }];
  });
}

/** `was ok (420 ms) until 11:03 UTC`. `reference`: a time on whose day the date need not be told. */
export function changeNote({ before, until }: CheckChange, reference: string, timeZone: string | undefined): string {
  const value = observedText(before);
  return `was ${lookOf(before).word}${value === '' ? '' : ` (${value})`} until ${momentText(until, reference, timeZone)}`;
}
