/**
 * What a command found that is neither a report of checks nor a run, as people read it: a headline, tables, what is to be
 * said of single rows, remarks. The words of its cells may hold text from data: whoever shows them makes them safe.
 */
import type { DependencyFigure, WaterfallFigure } from './figures.ts';
import type { Tone } from './wording.ts';

export interface Sheet {
  /** As typed: `logs errors`. */
  readonly command: string;
  readonly environment: string;
  readonly verdict: 'ok' | 'attention' | 'unknown';
  readonly exitCode: number;
  /** ISO 8601. */
  readonly generatedAt: string;
  readonly headline: string;
  /** True where it shows what was asked for, and says nothing of whether that is well. */
  readonly isShown?: boolean;
  /** What is drawn, before the tables. */
  readonly waterfall?: WaterfallFigure;
  readonly dependencies?: DependencyFigure;
  readonly tables: readonly SheetTable[];
  /** Rows of which there is more to say than fits a cell. */
  readonly details: readonly SheetDetail[];
  readonly remarks: readonly string[];
  /** What to do or type next. */
  readonly nextSteps: readonly string[];
  readonly calls: number;
}

export interface SheetTable {
  readonly title: string;
  /** The last one takes the room that is left. */
  readonly columns: readonly SheetColumn[];
  readonly rows: readonly (readonly string[])[];
  /** True where a terminal shows the same in a figure. */
  readonly isDrawn?: boolean;
}

export interface SheetColumn {
  readonly title: string;
  /** For numbers and times. */
  readonly right?: boolean;
}

export interface SheetDetail {
  readonly title: string;
  readonly lines: readonly string[];
  /** True where only those who ask for more see it. */
  readonly isMinor: boolean;
}

/** True where the headline is to have no mark, since nothing was judged. */
export function isUnmarked({ verdict, isShown = false }: Pick<Sheet, 'verdict' | 'isShown'>): boolean {
  return isShown && verdict === 'ok';
}

export function toneOf({ verdict }: Pick<Sheet, 'verdict'>): Tone {
  return ({ ok: 'good', attention: 'bad', unknown: 'doubt' } as const)[verdict];
}
