/**
 * Turns what the SDK throws into a `CloudError` that says what failed, where, what that means and what to do next.
 * The only place where wording about AWS's failures lives.
 */
import { CloudError, type CloudErrorKind } from '../cloud/errors.ts';
import { isClockSkew, isTls, kindOf, neverConnected, traitsOf, type ErrorTraits } from './error-kind.ts';
import { iamActionOf } from '../iam/actions.ts';

/** The call that failed. */
export interface Call {
  /** The service's prefix in IAM. */
  readonly service: string;
  readonly operation: string;
  readonly region: string;
  /** What was asked about, where the request named one thing. */
  readonly resource?: string;
  /** False for a call that changes something: a lost answer then means something else. */
  readonly read: boolean;
  /** The profile in use, for the command that renews it. */
  readonly profile?: string;
  /** Where requests go instead of to AWS, if somebody said so on the command line. */
  readonly endpointUrl?: string;
  /** True while credentials are only looked for: nobody has asked for the operation yet, so it is not named. */
  readonly lookingForCredentials?: boolean;
}

const longestQuote = 300;

/** AWS's own words on one line, without control characters and without the SDK's hint to its own developers. */
function quote(message: string): string {
  const line = message
    .replace(/^@(?:aws-sdk|smithy)\/\S+ - (?:\[\w+\] )?/, '')
    .replace(/\s*Deserialization error: to see the raw response[^]*$/, '')
    // oxlint-disable-next-line no-control-regex -- control characters are exactly what is removed
    .replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
    .trim();
  return line.length > longestQuote ? `${line.slice(0, longestQuote)}…` : line;
}

interface Wording {
  readonly problem: string;
  readonly nextStep: string;
}

function withProfile(command: string, profile: string | undefined): string {
  return profile === undefined ? command : `${command} --profile ${profile}`;
}

/** Who was refused what, as AWS says it: `User: arn:… is not authorized to perform: rds:DescribeDBClusters on …`. */
function refusal(message: string): { principal?: string; action?: string; resource?: string } {
  const match = /User: (\S+) is not authorized to perform: ([\w-]+:\w+)(?: on resource: (\S+))?/.exec(message);
  return { principal: match?.[1], action: match?.[2], resource: match?.[3] };
}

function permission(call: Call, traits: ErrorTraits): Wording {
  const { principal, action, resource } = refusal(traits.message);
  const needed = action ?? iamActionOf(call.service, call.operation);
  const explicit = /explicit deny in an? ([\w -]+)/.exec(traits.message)?.[1];
  if (explicit !== undefined) {
    return {
      problem: `the caller is explicitly denied ${needed} by ${explicit}`,
      nextStep: `have the deny of ${needed} lifted for ${principal ?? 'the caller'}: no allow outweighs it`,
    };
  }
  return {
    problem: `the caller may not ${needed}`,
    nextStep: `allow ${needed} to ${principal ?? 'the caller (aws sts get-caller-identity shows who that is)'}${
      resource === undefined ? '' : ` on ${resource}`
    }`,
  };
}

function invalidCredentials(call: Call, traits: ErrorTraits): Wording {
  if (isClockSkew(traits)) {
    return {
      problem: "AWS refused the request's time: this machine's clock is off",
      nextStep: 'set the clock (timedatectl status shows whether it is synchronised), then try again',
    };
  }
  return {
    problem: 'AWS does not accept these credentials, or the region is not enabled for the account',
    nextStep: withProfile('check them with: aws sts get-caller-identity', call.profile),
  };
}

/** Of connections that stood. */
const brokenCodes = new Set(['ECONNRESET', 'EPIPE', 'ERR_SOCKET_CLOSED', 'ERR_STREAM_PREMATURE_CLOSE']);

function unreachable(call: Call, traits: ErrorTraits): Wording {
  if (isTls(traits)) {
    return {
      problem: `no trusted TLS connection (${traits.systemCode})`,
      nextStep: 'if a proxy inspects TLS here, name its certificate in NODE_EXTRA_CA_CERTS',
    };
  }
  const broke = brokenCodes.has(traits.systemCode ?? '') ? 'the connection broke' : 'no connection';
  return {
    problem: `${broke} (${traits.systemCode ?? 'closed'})${tries(traits)}`,
    nextStep: elsewhere(call) ?? `check the network, a proxy and AWS_ENDPOINT_URL; ${outage(call)}`,
  };
}

function outage({ region }: Call): string {
  return `https://health.aws.amazon.com tells whether ${region} has an outage`;
}

/** What to look at where it is not AWS that was asked; undefined where it is. */
function elsewhere({ endpointUrl }: Call): string | undefined {
  return endpointUrl === undefined ? undefined : `see what answers at ${endpointUrl}, or leave --endpoint-url out`;
}

/** `, 3 attempts`, where there was more than one. */
function tries({ attempts = 1 }: ErrorTraits): string {
  return attempts > 1 ? `, ${attempts} attempts` : '';
}

/** The SDK and the transport say how long they waited, in milliseconds and in words that are not for users. */
function timeout(call: Call, traits: ErrorTraits): Wording {
  const waitedMs = Number(/(\d+) ?ms\b/.exec(traits.message)?.[1] ?? Number.NaN);
  const within = Number.isNaN(waitedMs) ? 'in time' : `within ${waitedMs / 1_000} s`;
  const missing = /establish(?:ing)? a connection|connect ETIMEDOUT/.test(traits.message) ? 'connection' : 'answer';
  return {
    problem: `no ${missing} ${within}${tries(traits)}`,
    nextStep: `try again; ${elsewhere(call) ?? outage(call)}`,
  };
}

/** A profile that was named is to be mended; where there is none, something has to be chosen. */
function missingCredentials({ profile }: Call): Wording {
  if (profile === undefined) {
    return {
      problem: 'there are no AWS credentials',
      nextStep:
        'aws sso login, or set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; --sandbox needs none',
    };
  }
  return {
    problem: `there are no AWS credentials of profile ${profile}`,
    nextStep: `check it: aws configure list --profile ${profile} (aws configure list-profiles names all); --sandbox needs none`,
  };
}

/** Codes of what is right in itself, but not now: `InvalidDBClusterStateFault`, `ServiceNotActiveException`, … */
const stateCode = /State(?:Fault|Exception)?$|NotActive|ConcurrentUpdate|ConflictException|UpdateInProgress/;

function invalidRequest(call: Call, traits: ErrorTraits): Wording {
  if (stateCode.test(traits.awsCode ?? '')) {
    return {
      problem: 'AWS refused it in the state that things are in',
      nextStep: `look at the state of ${call.resource ?? 'what it is about'}, and try again once nothing is under way there`,
    };
  }
  return {
    problem: 'AWS refused the request as wrong',
    nextStep: 'check the names and regions in nanoops.yaml (nanoops config show)',
  };
}

const wordings: Record<CloudErrorKind, (call: Call, traits: ErrorTraits) => Wording> = {
  'credentials-missing': missingCredentials,
  'credentials-expired': (call) => ({
    problem: 'the AWS credentials have expired',
    nextStep: `${withProfile('aws sso login', call.profile)} (or renew them where they come from), then try again`,
  }),
  'credentials-invalid': invalidCredentials,
  permission,
  throttled: (call) => ({
    problem: call.read ? 'AWS throttled the request, and the retries too' : 'AWS throttled the request',
    nextStep: 'try again in a minute; something else may be using up the rate of this account and region',
  }),
  timeout,
  unreachable,
  'service-fault': (call) => ({
    problem: 'AWS failed to answer',
    nextStep: `try again; https://health.aws.amazon.com tells whether ${call.service} in ${call.region} has an outage`,
  }),
  'not-found': (call) => ({
    problem: call.resource === undefined ? 'what was asked for is not there' : `${call.resource} is not there`,
    nextStep: 'check its name, the region and the account in nanoops.yaml (nanoops config show)',
  }),
  'invalid-request': invalidRequest,
  'refused-by-guard': () => ({
    problem: 'refused before it was sent: it is neither on the list of reads nor a change that this run may make',
    nextStep:
      'in a runbook or check of your own: name it under "calls" or "changes" of the step that makes it; else report it to the makers of nanoops, with the operation: it is missing on a list',
  }),
  'refused-elsewhere': (_call, { message }) => ({
    problem: `refused before it was sent: it would go to ${message}, which is not AWS`,
    nextStep: `look where that address comes from: endpoint_url in ~/.aws/config, AWS_ENDPOINT_URL, endpoints in nanoops.yaml; or, if that is where changes are to be made: --endpoint-url ${message}`,
  }),
  'not-simulated': () => ({
    problem: 'what answered does not offer this operation',
    nextStep: 'use an endpoint that does; nanoops sandbox list shows what the sandbox simulates',
  }),
  'malformed-answer': () => ({
    problem: 'the answer cannot be read as one of AWS',
    nextStep: 'check AWS_ENDPOINT_URL, --endpoint-url and whether a proxy or a login page answers in the place of AWS',
  }),
};

const readConsequence = 'What needed it is unknown.';
const noChange = 'Nothing was changed by it.';

const answerless: ReadonlySet<CloudErrorKind> = new Set([
  'timeout',
  'unreachable',
  'service-fault',
  'malformed-answer',
] as const);

/** What the failure means for whoever asked. `open`: it is a change, and may have been made. */
function consequence(read: boolean, open: boolean): string {
  if (read) return readConsequence;
  return open ? 'Whether the change was made is unknown.' : noChange;
}

function credentialProblem(kind: CloudErrorKind, { region }: Call, problem: string): string {
  return kind === 'credentials-missing'
    ? `${problem} for ${region}`
    : `looking for AWS credentials for ${region}: ${problem}`;
}

/**
 * A `CloudError` for `call`; `traits` is what is known of the failure, the other side's words included. `sent` is false
 * where it is certain that nothing was.
 */
function cloudError(
  kind: CloudErrorKind,
  call: Call,
  traits: ErrorTraits,
  { cause, sent }: { readonly cause?: unknown; readonly sent?: false } = {},
): CloudError {
  const { problem, nextStep: step } = wordings[kind](call, traits);
  const open = !call.read && sent !== false && answerless.has(kind);
  const nextStep = open ? `look at ${call.resource ?? 'what it changes'} first: it may have been done; ${step}` : step;
  const name = `${call.service}:${call.operation}`;
  const iamAction = iamActionOf(call.service, call.operation);
  const action = iamAction === name ? '' : ` (IAM action ${iamAction})`;
  const about = call.resource === undefined || problem.includes(call.resource) ? '' : ` for ${quote(call.resource)}`;
  // What a time-out says is the SDK's wording; all of it that counts is in the problem.
  const isInProblem = (kind === 'timeout' && !traits.answered) || kind === 'refused-elsewhere';
  const said = isInProblem ? '' : quote(traits.message);
  const code = traits.awsCode ?? (traits.status === undefined ? undefined : `HTTP ${traits.status}`);
  const evidence = [code, said].filter((part) => part !== undefined && part !== '').join(': ');
  const quoted = evidence === '' ? '' : ` [${evidence}]`;
  const message =
    call.lookingForCredentials === true
      ? `${credentialProblem(kind, call, problem)}${quoted}. Nothing was asked of the stack.`
      : `${name}${action} in ${call.region}${about}: ${problem}${quoted}. ${consequence(call.read, open)}`;
  return new CloudError(
    kind,
    message,
    {
      service: call.service,
      operation: call.operation,
      region: call.region,
      iamAction,
      resource: call.resource,
      awsCode: traits.awsCode,
      requestId: traits.requestId,
      sent,
      nextStep,
    },
    { cause },
  );
}

/**
 * The `CloudError` for whatever a call threw; `undefined` for what is a defect of the program and stays as it is.
 * `handedOver` is false where the request had not come as far as the transport.
 */
export function translated(error: unknown, call: Call, handedOver = true): CloudError | undefined {
  if (error instanceof CloudError) return handedOver || call.read ? error : notSent(error, call);
  const kind = kindOf(error);
  if (kind === undefined) return undefined;
  const sent = handedOver && !neverConnected(error) ? {} : { sent: false as const };
  return cloudError(kind, call, traitsOf(error), { cause: error, ...sent });
}

/** A change that was not sent because another call failed, that for a role's credentials for example. */
function notSent(error: CloudError, call: Call): CloudError {
  if (error.details.sent === false && error.details.operation === call.operation) return error;
  const { service, operation, region, resource } = call;
  const about = resource === undefined ? '' : ` for ${quote(resource)}`;
  const why = error.message.replace(` ${readConsequence}`, '');
  return new CloudError(
    error.kind,
    `${service}:${operation} in ${region}${about} was not sent: ${why} ${noChange}`,
    {
      service,
      operation,
      region,
      // Of the call that failed: it is the one to allow.
      iamAction: error.details.iamAction,
      resource,
      awsCode: error.details.awsCode,
      requestId: error.details.requestId,
      sent: false,
      nextStep: error.details.nextStep,
    },
    { cause: error },
  );
}

/** For a failure that nanoops itself sees in an answer: `message` says what is wrong with it. */
export function answerError(kind: CloudErrorKind, call: Call, message: string): CloudError {
  return cloudError(kind, call, { message, answered: true });
}

/** For what the guard refuses. `may` names the changes that are allowed. */
export function guardError(call: Call, may: readonly string[]): CloudError {
  const message = may.length === 0 ? '' : `it may: ${may.join(', ')}`;
  return cloudError('refused-by-guard', call, { message, answered: true }, { sent: false });
}

/** For a change that would not go to AWS. */
export function elsewhereError(call: Call, origin: string): CloudError {
  return cloudError('refused-elsewhere', call, { message: origin, answered: true }, { sent: false });
}
