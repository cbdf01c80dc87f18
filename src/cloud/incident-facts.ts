/** Facts that only incidents ask for. */
import type { Source, Window } from './series.ts';

/** An alarm that went from one state to another. */
export interface AlarmTransition {
  readonly name: string;
  readonly at: number;
  readonly to: 'ok' | 'alarm' | 'insufficient-data';
  readonly reason: string;
}

export interface AlarmHistory {
  /** Oldest first, of every alarm of the account in the region. */
  readonly changes: readonly AlarmTransition[];
  /** True where there were more than are read. */
  readonly isCut: boolean;
  readonly source: Source;
}

export interface IncidentFacts {
  /** Which alarms changed their state in a window. CloudWatch keeps some weeks of it. */
  alarmHistory(region: string, window: Window): Promise<AlarmHistory>;
}
