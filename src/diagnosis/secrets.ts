/**
 * Takes out of a log line what nobody may read in a report: passwords, keys, tokens, addresses of people. Lines are written
 * by whoever can send a request, so that every pattern is bounded and takes time in proportion to the line.
 */

const masked = '<secret>';

/** What has none of this in it holds no secret that is known here; most lines end here. */
const suspicious =
  /pass|pwd|secret|token|key|auth|credential|cookie|session|bearer|basic|eyJ|AKIA|ASIA|BEGIN|:\/\/|@|[A-Za-z0-9/+]{40}/i;

/** What is no secret though it stands where one would: `(using password: YES)`, `"token": null`. */
const harmless = /^["']?(?:yes|no|true|false|null|none|undefined|expired|missing|invalid|required|\*+|<\w+>)["']?$/i;

const named =
  /((?:password|passwd|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|authorization|credentials?|cookie|session[_-]?id)[\w-]{0,20}["']?\s{0,4}[:=]\s{0,4})((?:bearer|basic)\s{1,4}\S{1,2048}|"[^"]{0,2048}"?|'[^']{0,2048}'?|[^\s,;&)}\]"']{1,2048})/gi;

/** A database is named like a person: `nano_prod@nano-db.cluster-c1a2.us-west-2.rds.amazonaws.com` in spans of SQL. */
const isOwnHost = /\.(?:amazonaws\.com(?:\.cn)?|internal|local)$/;

/** The text without secrets. AWS's key ids: IAM User Guide, "IAM identifiers". */
export function withoutSecrets(text: string): string {
  if (!suspicious.test(text)) return text;
  return text
    .replaceAll(/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g, masked)
    .replaceAll(/(\b[a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@:]{0,128}:[^\s/@]{1,512}@/gi, `$1${masked}@`)
    .replaceAll(/\beyJ[\w-]{5,4096}\.[\w-]{5,4096}(?:\.[\w-]{0,4096})?/g, masked)
    .replaceAll(/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, masked)
    .replaceAll(named, (whole, name: string, value: string) => (harmless.test(value) ? whole : `${name}${masked}`))
    .replaceAll(/\b(Bearer|Basic)\s{1,4}(?!<)[\w.~+/=-]{6,4096}/gi, `$1 ${masked}`)
    .replaceAll(/(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])/g, (found) => (isMixed(found) ? masked : found))
    .replaceAll(/(?<![\w.+%-])[\w.+%-]{1,64}@([\w-]{1,63}(?:\.[\w-]{1,63}){1,8})/g, (found, host: string) =>
      isOwnHost.test(host) ? found : '<email>',
    );
}

/** As random as a secret access key: digits and letters of both cases. */
function isMixed(text: string): boolean {
  return /\d/.test(text) && /[a-z]/.test(text) && /[A-Z]/.test(text);
}
