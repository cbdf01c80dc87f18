/** What the lint is told: all of it is read by others, so that the rules are pure. */
import type { DnsRecord } from '../cloud/recovery-facts.ts';
import type { Stack } from '../cloud/stack.ts';
import type { Config } from '../config/schema.ts';
import type { Known } from '../diagnosis/known.ts';
import type { Change } from '../engine/change.ts';
import type { Graph } from './path.ts';
import type { Layout } from './places.ts';

/** One profile of the shared configuration files, as far as it says where credentials come from. */
export interface ProfileSource {
  readonly name: string;
  readonly region?: string;
  /** True where its credentials are those of a role that is assumed. */
  readonly assumesRole: boolean;
  /** The region of IAM Identity Center. */
  readonly ssoRegion?: string;
  /** `sts_regional_endpoints`. */
  readonly stsEndpoints?: string;
}

export interface CredentialSources {
  /** The variables of the environment that begin with `AWS_`, without those that hold a secret. */
  readonly variables: Readonly<Record<string, string>>;
  /** The profile that is used, then those that it builds on; empty where there is none. */
  readonly profiles: readonly ProfileSource[];
}

export interface LintInput {
  /** The region that is taken to be gone. */
  readonly impaired: string;
  readonly runbook: Graph;
  readonly config: Config;
  readonly stack: Stack;
  readonly layout: Layout;
  /** Absent on the simulated AWS, which asks for no credentials. */
  readonly credentials?: CredentialSources;
  /** How the record stands; undefined where `dns` is not configured. */
  readonly records: Known<readonly DnsRecord[]> | undefined;
  /** One example of each change by which the runbook may make another cluster the writer. */
  readonly plannedMoves: readonly Change[];
}
