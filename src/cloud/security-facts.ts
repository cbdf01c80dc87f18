/**
 * Facts about who used an account, and what was seen of it that should not be: threats, calls that were denied, console
 * logins, the root user, and what AWS itself has trouble with. As with all facts, a method rejects with a `CloudError`
 * where it could not find out.
 */
import type { Source, Window } from './series.ts';
import type { LogGroupRef } from './stack.ts';

/** What GuardDuty found (GuardDuty API Reference, Finding). */
export interface ThreatFinding {
  readonly id: string;
  /** `UnauthorizedAccess:IAMUser/ConsoleLoginSuccess.B`, … */
  readonly type: string;
  readonly title: string;
  /** From 1 to 10: from 4 medium, from 7 high, from 9 critical (GuardDuty User Guide, "Severity levels of findings"). */
  readonly severity: number;
  /** When it was seen last; epoch milliseconds. */
  readonly lastSeen: number;
  /** How often. */
  readonly count: number;
  /** What it is about: a user, an instance, a bucket, … */
  readonly about: string;
  /** The address that it came from, where it came from one. */
  readonly from?: string;
}

export interface Threats {
  /** The region's detectors that look; there is at most one. */
  readonly detectors: readonly string[];
  /** Those that are switched off. */
  readonly suspended: readonly string[];
  /** From medium severity on, not archived, seen within the window; the gravest first. */
  readonly findings: readonly ThreatFinding[];
  /** True where a limit ended the list: there are more, and none is graver. */
  readonly truncated: boolean;
  readonly source: Source;
}

/** Something that somebody did, or was not let do (CloudTrail User Guide, "CloudTrail record contents"). */
export interface AccessEvent {
  readonly at: number;
  /**
   * `root`: anything that the root user did. `denied`: a call that was refused for a missing permission, made by a person or a
   * program and not by AWS on its own account. `failed-login`, `login`: at the console.
   */
  readonly kind: 'root' | 'denied' | 'failed-login' | 'login';
  /** `iam:CreateUser` */
  readonly call: string;
  /** The region that the event was in. */
  readonly region: string;
  /** The user, or the role and its session: `deploy/i-0abc`. */
  readonly who: string;
  /** An address, or the AWS service that called. */
  readonly from: string;
  /** True where the program says of itself that it is nanoops, as any program may. */
  readonly saysNanoops?: true;
  /** Of a login; absent where the event does not tell. */
  readonly mfa?: boolean;
}

/** How far back something was looked at. */
export interface Coverage {
  /** What was looked up: `changes`, `what root did`, `console logins` where not all changes were read, `the log group`. */
  readonly what: string;
  /** Everything from here to the window's end was read; epoch milliseconds. */
  readonly from: number;
  /** How many events or lines were read. */
  readonly read: number;
  /** True where a limit ended it before the window's beginning. */
  readonly truncated: boolean;
}

export interface AccessLog {
  /** Newest first. */
  readonly events: readonly AccessEvent[];
  readonly coverage: readonly Coverage[];
  /** Events whose content could not be read. */
  readonly unreadable: number;
  readonly source: Source;
}

/** A change that somebody made, or a program of theirs; what AWS does on its own account is none. */
export interface AccountChange {
  readonly at: number;
  /** `ecs:UpdateService` */
  readonly call: string;
  /** The user, or the role and its session. */
  readonly who: string;
  /** What was changed, where the record names it. */
  readonly about?: string;
}

/** What was changed in an account's region. */
export interface ChangeLog {
  /** Newest first. */
  readonly changes: readonly AccountChange[];
  /** True where a limit ended the reading: older changes are missing. */
  readonly truncated: boolean;
  readonly source: Source;
}

/** What a trail left in its log group. */
export interface TrailLog extends AccessLog {
  /** False where nothing at all was written in the window's last day: then nobody can tell what happened. */
  readonly isWritten: boolean;
}

/** Something that AWS has trouble with (AWS Health API Reference, Event). */
export interface ServiceIssue {
  /** As AWS Health calls it: `RDS`, `ECS`, `MULTIPLE_SERVICES`, … */
  readonly service: string;
  /** `AWS_RDS_OPERATIONAL_ISSUE`, … */
  readonly type: string;
  /** `global` for what is of no region. */
  readonly region: string;
  readonly since: number;
}

export interface ServiceIssues {
  readonly issues: readonly ServiceIssue[];
  readonly source: Source;
}

export interface SecurityFacts {
  threats(region: string, window: Window): Promise<Threats>;
  /** From the log group that a trail is delivered to: all that is in it, within bounds. */
  trailLog(group: LogGroupRef, window: Window): Promise<TrailLog>;
  /**
   * From CloudTrail's own event history, which may be asked twice a second: the newest changes, console logins, and what
   * root did. It cannot be searched for denied calls, so that those which only read are not in it.
   */
  recentAccess(region: string, window: Window): Promise<AccessLog>;
  /** From the same history: what was changed, and by whom. It takes about five minutes until a change is in it. */
  recentChanges(region: string, window: Window): Promise<ChangeLog>;
  /** What `recentAccess` tells of us-east-1, by the caller of `region`: what is of no region is recorded there, IAM's calls for one. */
  globalAccess(region: string, window: Window): Promise<AccessLog>;
  /** What is open now in some regions; undefined where the account's support plan has no AWS Health API. */
  serviceIssues(region: string, regions: readonly string[]): Promise<ServiceIssues | undefined>;
}
