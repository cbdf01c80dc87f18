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

/** What the names of secrets have in them, wherever it stands, and how they go on. */
const word =
  /(?:password|passwd|passphrase|passcode|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|authorization|credentials?|cookie|session[_-]?id)[\w-]{0,20}/;

/** `pass` begins and ends other words: alone, or at the end of a name, `DB_PASS`, `dbPass`. */
const pass = /(?:(?<![A-Za-z])(?:pass|Pass|PASS)|(?<=[a-z0-9])Pass)/;

/** Between a name and its value; quotes are escaped in JSON that is a text within JSON. */
const assigned = /\\{0,8}["']?\s{0,4}[:=]\s{0,4}/;

/** With its quotes: neither spaces nor escaped quotes end it then. */
const assignedValue =
  /(?:bearer|basic|Bearer|Basic)\s{1,4}\S{1,2048}|\\{1,8}"[^"\\]{0,2048}(?:\\{1,8}")?|"(?:[^"\\]|\\[^]){0,2048}"?|'(?:[^'\\]|\\[^]){0,2048}'?|[^\s,;&)}\]"']{1,2048}/;

const named = [
  new RegExp(`(${word.source}${assigned.source})(${assignedValue.source})`, 'gi'),
  new RegExp(`(${pass.source}${assigned.source})(${assignedValue.source})`, 'g'),
];

const secretNames = [new RegExp(`${word.source}$`, 'i'), new RegExp(`${pass.source}$`)];

/** True of what a secret is called, as a variable, a header or a member of JSON. */
export function isNameOfSecret(name: string): boolean {
  return secretNames.some((pattern) => pattern.test(name));
}

/** What stands under the name of a secret, unless it says that there is none. */
export function maskedValue(value: string): string {
  return harmless.test(value) ? value : masked;
}

/** A database is named like a person: `nano_prod@nano-db.cluster-c1a2.us-west-2.rds.amazonaws.com` in spans of SQL. */
const isOwnHost = /\.(?:amazonaws\.com(?:\.cn)?|internal|local)$/;

/** The text without secrets. AWS's key ids: IAM User Guide, "IAM identifiers". */
export function withoutSecrets(text: string): string {
  if (!suspicious.test(text)) return text;
  return named
    .reduce(
      (rest, pattern) => rest.replaceAll(pattern, (_, name: string, value: string) => name + maskedValue(value)),
      text
        .replaceAll(/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g, masked)
        .replaceAll(/(\b[a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@:]{0,128}:[^\s/@]{1,512}@/gi, `$1${masked}@`)
        .replaceAll(/\beyJ[\w-]{5,4096}\.[\w-]{5,4096}(?:\.[\w-]{0,4096})?/g, masked)
        .replaceAll(/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, masked),
    )
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
