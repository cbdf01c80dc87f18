/** What every check is made with: how it looks, at which half of the stack, and the spans of time that it looks at. */
import type { Tier } from '../capacity/plan.ts';
import type { Cloud } from '../cloud/cloud.ts';
import type { Inspection } from '../cloud/inspection.ts';
import type { NamedLooks } from '../cloud/named.ts';
import type { Outside } from '../cloud/outside.ts';
import type { Window } from '../cloud/series.ts';
import type { RegionalStack, Stack } from '../cloud/stack.ts';
import type { ThresholdCheckId } from '../config/thresholds.ts';
import type { Known } from '../diagnosis/known.ts';
import { stepsFor } from '../engine/steps-for.ts';
import type { Limit } from './limits.ts';
import type { TuningSettings } from './tune/settings.ts';

/** What a check may look at. */
export interface CheckPorts extends Pick<Cloud, 'facts'> {
  readonly outside: Outside;
  readonly inspection: Inspection;
}

/** What a team's own check may look at besides. */
export interface OwnCheckPorts extends CheckPorts {
  /** Calls, programs and addresses that the team names itself. */
  readonly named: NamedLooks;
}

/** What a check is told. Plain data. */
export interface CheckSettings {
  readonly stack: Stack;
  /** The region's half that is looked at; the primary one unless the operator says otherwise. */
  readonly site: RegionalStack;
  /** The other half; absent where there is none, or where the operator looks at one region only. */
  readonly standby?: RegionalStack;
  /** The end of every window: the last complete minute, or where the operator said. Epoch milliseconds. */
  readonly until: number;
  /** Thresholds by check, as configured. */
  readonly limits: Readonly<Record<ThresholdCheckId, Limit>>;
  readonly rpoMs: number;
  readonly cost: {
    /** False where the operator does not want Cost Explorer asked. */
    readonly review: boolean;
    /** A rise by less than this a week, in the currency of the bill, is noise. */
    readonly leastRise: number;
  };
  /** The plan of capacity, by rising numbers of users. */
  readonly tiers: readonly Tier[];
  /** Absent: nothing of it is configured. */
  readonly tuning?: TuningSettings;
  readonly logging?: {
    /** The fields that every line of the service has to have, in the place of the default. */
    readonly fields?: readonly string[];
    /** How long logs are to be kept, in the place of what the environment says. */
    readonly retentionDays?: number;
  };
  /** What earlier runs kept, by the id of the check; absent where nothing is kept between runs. */
  readonly kept?: Known<Readonly<Record<string, unknown>>>;
  /** What a suggested `aws` command needs to reach the same account: `--profile`, `--endpoint-url`. */
  readonly awsOptions: readonly string[];
}

export const { observe, decide } = stepsFor<CheckPorts, CheckSettings>();

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** The span of that length that ends where everything that is looked at ends. */
export function windowOf({ until }: Pick<CheckSettings, 'until'>, lengthMs: number): Window {
  return { from: until - lengthMs, to: until };
}

export { part, unlessConfigured } from '../cloud/configured.ts';
