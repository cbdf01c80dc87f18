/**
 * What can go wrong between nanoops and a cloud, told apart so that each case can be named, retried or reported for
 * what it is. Adapters translate their SDK's errors into this; nothing above them sees an SDK error.
 */

export type CloudErrorKind =
  | 'credentials-missing'
  | 'credentials-expired'
  | 'credentials-invalid'
  | 'permission'
  | 'throttled'
  | 'timeout'
  | 'unreachable'
  | 'service-fault'
  | 'not-found'
  | 'invalid-request'
  | 'refused-by-guard'
  | 'refused-elsewhere'
  | 'not-simulated'
  | 'malformed-answer';

/** The classes by which the engine retries and reports; see `src/engine/errors.ts`. */
const errorClasses = {
  'credentials-missing': 'credentials',
  'credentials-expired': 'credentials',
  'credentials-invalid': 'credentials',
  permission: 'denied',
  throttled: 'throttled',
  timeout: 'unreachable',
  unreachable: 'unreachable',
  'service-fault': 'service-fault',
  'not-found': 'not-found',
  'invalid-request': 'rejected',
  'refused-by-guard': 'defect',
  'refused-elsewhere': 'rejected',
  'not-simulated': 'rejected',
  'malformed-answer': 'service-fault',
} as const satisfies Record<CloudErrorKind, string>;

export interface CloudErrorDetails {
  /** The service's prefix in IAM, for example `rds`, `cloudwatch`, `elasticloadbalancing`. */
  readonly service: string;
  /** The operation's name in the API, for example `DescribeDBClusters`. */
  readonly operation: string;
  readonly region: string;
  /** The IAM action that the operation needs, for example `rds:DescribeDBClusters`. */
  readonly iamAction: string;
  readonly resource?: string;
  /** The service's own error code, where it gave one. */
  readonly awsCode?: string;
  readonly requestId?: string;
  /** False where it is certain that nothing was sent: a change was then not made, whatever the kind. */
  readonly sent?: boolean;
  /** What to do or type next. */
  readonly nextStep: string;
}

/** A call to the cloud that gave no usable answer. The message is complete: what, where, what it means. */
export class CloudError extends Error {
  override readonly name = 'CloudError';
  readonly kind: CloudErrorKind;
  readonly errorClass: (typeof errorClasses)[CloudErrorKind];
  readonly details: CloudErrorDetails;

  constructor(kind: CloudErrorKind, message: string, details: CloudErrorDetails, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
    this.errorClass = errorClasses[kind];
    this.details = details;
  }
}
