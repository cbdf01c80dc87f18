/** What MySQL, MariaDB and the way to them answer instead of rows, as a person says it. */
import { InspectionError, type InspectionTrouble } from '../../cloud/inspection.ts';

interface Meaning {
  readonly trouble: InspectionTrouble;
  readonly text: string;
  readonly nextStep: string;
}

const grants = 'GRANT SELECT ON performance_schema.* TO the user, and on the schema of the application';
const network = 'is it reached from here? a VPN or a bastion, its security group, host and port in database.connection';
const tls =
  'database.connection.tls: true needs TLS on the server, and the host by the name in its certificate; NODE_EXTRA_CA_CERTS adds an authority';

/** By number (MySQL 8.0 Reference Manual, "Server Error Message Reference"). */
const byNumber: Readonly<Record<number, Meaning>> = {
  1040: {
    trouble: 'rejected',
    text: 'it has no connection left (max_connections)',
    nextStep: 'nanoops diagnose database',
  },
  1044: { trouble: 'denied', text: 'this user may not enter the schema', nextStep: grants },
  1045: {
    trouble: 'denied',
    text: 'it refuses the user or the password',
    // MariaDB says the same to whoever should speak TLS.
    nextStep: 'database.connection.user, what database.connection.password refers to, and database.connection.tls',
  },
  1129: {
    trouble: 'denied',
    text: 'it blocks this host after too many failed connections',
    nextStep: 'FLUSH HOSTS on the server',
  },
  1130: {
    trouble: 'denied',
    text: 'it lets nobody in from this host',
    nextStep: "the host part of the user: CREATE USER name@'%'",
  },
  1142: { trouble: 'denied', text: 'this user may not read it', nextStep: grants },
  1143: { trouble: 'denied', text: 'this user may not read a column of it', nextStep: grants },
  1203: { trouble: 'rejected', text: 'this user has no connection left', nextStep: 'MAX_USER_CONNECTIONS of the user' },
  1226: {
    trouble: 'rejected',
    text: 'this user has used up what it may',
    nextStep: 'the limits of the user: SHOW CREATE USER',
  },
  1227: { trouble: 'denied', text: 'this user lacks a privilege', nextStep: grants },
  1820: { trouble: 'denied', text: 'the password has expired', nextStep: 'give the user a new one' },
  1862: { trouble: 'denied', text: 'the password has expired', nextStep: 'give the user a new one' },
  1969: { trouble: 'unreachable', text: 'it took too long', nextStep: 'look again when it has less to do' },
  3024: { trouble: 'unreachable', text: 'it took too long', nextStep: 'look again when it has less to do' },
  3118: { trouble: 'denied', text: 'the account is locked', nextStep: 'ALTER USER … ACCOUNT UNLOCK' },
  3159: { trouble: 'rejected', text: 'it wants TLS', nextStep: 'database.connection.tls: true' },
};

const byCode: Readonly<Record<string, Meaning>> = {
  ENOTFOUND: { trouble: 'unreachable', text: 'its name does not resolve', nextStep: 'database.connection.host' },
  EAI_AGAIN: { trouble: 'unreachable', text: 'its name cannot be looked up now', nextStep: network },
  ECONNREFUSED: { trouble: 'unreachable', text: 'nothing listens there', nextStep: network },
  ETIMEDOUT: { trouble: 'unreachable', text: 'nothing answers there', nextStep: network },
  EHOSTUNREACH: { trouble: 'unreachable', text: 'it cannot be reached from here', nextStep: network },
  ENETUNREACH: { trouble: 'unreachable', text: 'it cannot be reached from here', nextStep: network },
  ECONNRESET: { trouble: 'unreachable', text: 'it closed the connection', nextStep: network },
  EPIPE: { trouble: 'unreachable', text: 'it closed the connection', nextStep: network },
  PROTOCOL_CONNECTION_LOST: {
    trouble: 'unreachable',
    text: 'it closed the connection',
    nextStep: 'nanoops diagnose database',
  },
  PROTOCOL_SEQUENCE_TIMEOUT: {
    trouble: 'unreachable',
    text: 'it took too long',
    nextStep: 'look again when it has less to do',
  },
  HANDSHAKE_NO_SSL_SUPPORT: {
    trouble: 'rejected',
    text: 'it speaks no TLS',
    nextStep: 'turn TLS on there; database.connection.tls: false only where nobody can listen',
  },
  HANDSHAKE_SSL_ERROR: { trouble: 'rejected', text: 'TLS was not agreed on', nextStep: tls },
};

const certificates = /CERT|SSL|TLS|ALTNAME/;

/** Of a connection to `place` (`host:port`), while `what` was read. Never quotes the server: it may repeat a statement. */
export function databaseTrouble(error: unknown, place: string, what: string): InspectionError {
  const { errno, code } = numbersOf(error);
  const known = (errno === undefined ? undefined : byNumber[errno]) ?? (code === undefined ? undefined : byCode[code]);
  const found: Meaning =
    known ??
    (code !== undefined && certificates.test(code)
      ? { trouble: 'rejected', text: `its certificate is not accepted (${code})`, nextStep: tls }
      : {
          trouble: 'service-fault',
          text: `it failed (${code ?? (errno === undefined ? 'unknown reason' : `error ${errno}`)})`,
          nextStep: 'the error log of the database tells more',
        });
  return new InspectionError(
    found.trouble,
    `the database at ${place}, asked for ${what}: ${found.text}`,
    found.nextStep,
    {
      cause: error,
    },
  );
}

export function numbersOf(error: unknown): { readonly errno?: number; readonly code?: string } {
  if (typeof error !== 'object' || error === null) return {};
  const errno = 'errno' in error && typeof error.errno === 'number' ? error.errno : undefined;
  const own = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  // TLS' own error is within that of the handshake.
  const inner = 'cause' in error ? numbersOf(error.cause).code : undefined;
  const code = own === 'HANDSHAKE_SSL_ERROR' ? (inner ?? own) : own;
  return { ...(errno === undefined ? {} : { errno }), ...(code === undefined ? {} : { code }) };
}
