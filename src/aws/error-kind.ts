/**
 * Which kind of failure an error of the SDK, of Node's sockets or of the credential chain is. Judges by codes and
 * statuses only; what a person is told about it is written in `errors.ts`.
 */
import { CloudError, type CloudErrorKind } from '../cloud/errors.ts';

/** What can be read off an error, whoever threw it. */
export interface ErrorTraits {
  /** The service's error code, `undefined` where there is none (a proxy's page, a broken connection). */
  readonly awsCode?: string;
  /** Node's code, `ECONNREFUSED` for example. */
  readonly systemCode?: string;
  readonly status?: number;
  readonly message: string;
  readonly requestId?: string;
  /** The answer bears the second id that S3 gives to each of its own. */
  readonly isOfS3?: boolean;
  /** How often the request was sent, where the SDK counted. */
  readonly attempts?: number;
  /** The service has answered, whatever it answered. */
  readonly answered: boolean;
}

/** The transport's own: it ends an answer that is larger than any of AWS. */
export const tooLargeCode = 'ERR_ANSWER_TOO_LARGE';

const credentialErrors = new Set(['CredentialsProviderError', 'TokenProviderError', 'ProviderError']);

const expiredCodes = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'RequestExpired',
  'TokenRefreshRequired',
  'ExpiredTokenIdentityProvider',
]);

const invalidCodes = new Set([
  'AuthFailure',
  'IncompleteSignature',
  'IncompleteSignatureException',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'InvalidSignature',
  'InvalidSignatureException',
  'InvalidToken',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
  'RequestInTheFuture',
  'RequestTimeTooSkewed',
  'SignatureDoesNotMatch',
  'UnrecognizedClient',
  'UnrecognizedClientException',
]);

const permissionCodes = new Set([
  'AllAccessDisabled',
  'AuthorizationError',
  'AuthorizationErrorException',
  'Forbidden',
  'ForbiddenException',
  'NotAuthorized',
  'NotAuthorizedException',
  'OptInRequired',
  'UnauthorizedAccess',
  'UnauthorizedException',
  'UnauthorizedOperation',
]);

const throttlingCodes = new Set([
  'BandwidthLimitExceeded',
  'EC2ThrottledException',
  'LimitExceededException',
  'PriorRequestNotComplete',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'SlowDown',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
]);

const faultCodes = new Set([
  'InternalError',
  'InternalFailure',
  'InternalServerError',
  'InternalServiceError',
  'InternalServiceFault',
  'ServerException',
  'ServiceUnavailable',
  'ServiceUnavailableException',
]);

const unreachableCodes = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'EPROTO',
  'ERR_SOCKET_CLOSED',
  'ERR_STREAM_PREMATURE_CLOSE',
]);

/** Node's codes for a certificate that cannot be trusted, and OpenSSL's for a handshake that failed. */
const tlsCode = /^ERR_(?:TLS|SSL)_|CERT|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)/;

/** Codes of what is not there: `DBClusterNotFoundFault`, `NoSuchBucket`, `InvalidSubnetID.NotFound`, … */
const notFoundCode = /NotFound(?:Fault|Exception|Error)?$|^NoSuch|DoesNotExist(?:Exception)?$/;

/** What the SSO, `aws login` and token providers say when a session is over. */
const sessionOver = /expired|re-?authenticate|aws sso login|not found or is invalid|Unable to refresh credentials/i;

/** Of what the SDK's own code threw over an answer: what they say is about that code. */
const stumbles = new Set(['TypeError', 'RangeError', 'ReferenceError']);

/** Names that the SDK gives where the answer bore no code. */
const codelessNames = new Set(['Error', 'SyntaxError', 'Unknown', 'UnknownError', ...stumbles]);

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value ? Reflect.get(value, name) : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The first that the error itself, or what caused it, says about `name`. */
function through(error: unknown, name: string): unknown {
  let current = error;
  for (let depth = 0; depth < 5 && current !== undefined; depth += 1) {
    const value = field(current, name);
    if (value !== undefined) return value;
    current = field(current, 'cause');
  }
  return undefined;
}

export function traitsOf(error: unknown): ErrorTraits {
  const metadata = field(error, '$metadata');
  const status = field(metadata, 'httpStatusCode');
  const attempts = field(metadata, 'attempts');
  const name = text(field(error, 'name')) ?? '';
  const systemCode = text(through(error, 'code'));
  const answered = field(error, '$response') !== undefined || typeof status === 'number';
  return {
    awsCode: answered && !codelessNames.has(name) ? name : undefined,
    systemCode,
    status: typeof status === 'number' ? status : undefined,
    message: answered && stumbles.has(name) ? '' : (text(field(error, 'message')) ?? ''),
    requestId: text(field(metadata, 'requestId')),
    isOfS3: field(metadata, 'extendedRequestId') !== undefined,
    attempts: typeof attempts === 'number' ? attempts : undefined,
    answered,
  };
}

/** True where a signature was refused because this machine's clock is wrong. */
export function isClockSkew(traits: ErrorTraits): boolean {
  return (
    traits.awsCode === 'RequestTimeTooSkewed' ||
    traits.awsCode === 'RequestInTheFuture' ||
    /Signature (?:expired|not yet current)/i.test(traits.message)
  );
}

export function isTls(traits: ErrorTraits): boolean {
  return traits.systemCode !== undefined && (traits.systemCode === 'EPROTO' || tlsCode.test(traits.systemCode));
}

/**
 * Codes of a connection that did not come about: a name that is not resolved, a port that nobody listens on, and a
 * certificate that Node refuses in the handshake. OpenSSL's other codes may come in the middle of a connection.
 */
const neverConnectedCode =
  /^(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ERR_TLS_CERT_ALTNAME_INVALID|ERR_SSL_WRONG_VERSION_NUMBER)$|^(?!ERR_).*(?:CERT|SELF_SIGNED)|^UNABLE_TO_(?:GET|VERIFY)/;

/** What Node says where a TLS handshake ends early or speaks to no TLS, and the SDK where a connection takes too long. */
const neverConnectedMessage =
  /before secure TLS connection was established|:wrong version number:|did not establish a connection|without establishing a connection/;

const connectingCalls = new Set<unknown>(['connect', 'getaddrinfo']);

/** True where it is certain that no part of a request left this machine: no connection came about to carry it. */
export function neverConnected(error: unknown): boolean {
  let current = error;
  for (let depth = 0; depth < 5 && current !== undefined; depth += 1) {
    if (field(current, '$response') !== undefined) return false;
    if (neverConnectedCode.test(text(field(current, 'code')) ?? '')) return true;
    if (neverConnectedMessage.test(text(field(current, 'message')) ?? '')) return true;
    if (connectingCalls.has(field(current, 'syscall'))) return true;
    // Node tries all addresses of a name, and tells of each.
    const each = field(current, 'errors');
    if (Array.isArray(each) && each.length > 0) return each.every((one) => neverConnected(one));
    current = field(current, 'cause');
  }
  return false;
}

/** The kind, or `undefined` for what no cloud, network or credential chain throws: a defect of the program. */
export function kindOf(error: unknown): CloudErrorKind | undefined {
  if (error instanceof CloudError) return error.kind;
  const traits = traitsOf(error);
  const name = text(field(error, 'name')) ?? '';
  if (!traits.answered && credentialErrors.has(name)) {
    return sessionOver.test(traits.message) ? 'credentials-expired' : 'credentials-missing';
  }
  if (!traits.answered && traits.message.includes('credential object is not valid')) return 'credentials-invalid';
  return kindOfCode(traits.awsCode, traits.status) ?? kindOfTransport(name, traits.systemCode) ?? kindOfAnswer(traits);
}

function kindOfCode(code: string | undefined, status: number | undefined): CloudErrorKind | undefined {
  if (code === 'NotSimulated' || status === 501) return 'not-simulated';
  if (code !== undefined) {
    if (expiredCodes.has(code)) return 'credentials-expired';
    if (invalidCodes.has(code)) return 'credentials-invalid';
    if (permissionCodes.has(code) || code.includes('AccessDenied')) return 'permission';
    if (throttlingCodes.has(code)) return 'throttled';
    if (code === 'RequestTimeout' || code === 'RequestTimeoutException') return 'timeout';
    if (notFoundCode.test(code)) return 'not-found';
    if (faultCodes.has(code)) return 'service-fault';
  }
  if (status === 429) return 'throttled';
  if (status !== undefined && status >= 500) return 'service-fault';
  return undefined;
}

function kindOfTransport(name: string, systemCode: string | undefined): CloudErrorKind | undefined {
  if (systemCode !== undefined) {
    if (systemCode === 'ETIMEDOUT') return 'timeout';
    if (unreachableCodes.has(systemCode) || tlsCode.test(systemCode)) return 'unreachable';
    // Node's HTTP parser: what answers does not speak HTTP.
    if (systemCode.startsWith('HPE_') || systemCode === tooLargeCode) return 'malformed-answer';
  }
  return name === 'TimeoutError' ? 'timeout' : undefined;
}

/** What is left is an answer that is either a plain refusal with a code, or nothing that AWS would say. */
function kindOfAnswer(traits: ErrorTraits): CloudErrorKind | undefined {
  if (!traits.answered) return undefined;
  // What S3 answers to HEAD holds no code.
  if (traits.isOfS3 === true && traits.awsCode === undefined && traits.status === 403) return 'permission';
  // S3 answers 301 for a bucket of another region.
  const refused = traits.awsCode !== undefined && traits.status !== undefined && traits.status >= 300;
  return refused ? 'invalid-request' : 'malformed-answer';
}
