/**
 * Takes out of a log line what nobody may read in a report: passwords, keys, tokens, addresses of people. Lines are written
 * by whoever can send a request, so that every pattern is bounded and takes time in proportion to the line.
 */

const masked = '<secret>';

/** What has none of this in it holds no secret that is known here; most lines end here. */
const suspicious =
  /pass|pwd|secret|token|key|auth|credential|cookie|session|bearer|basic|eyJ|AKIA|ASIA|BEGIN|:\/\/|@|[A-Za-z0-9/+]{40}/i;

/** Names a secret of Secrets Manager, and does not hold it. */
const ofSecretsManager = /(?<![\w.~+/-])arn:aws[\w-]{0,12}:secretsmanager:/;

/** What is no secret though it stands where one would: `(using password: YES)`, `"token": null`, where a secret is kept. */
const harmless = new RegExp(
  `^["']?(?:yes|no|true|false|null|none|undefined|expired|missing|invalid|required|\\*+|<\\w+>|\\[\\s*\\]|\\{\\s*\\}|${ofSecretsManager.source}[\\w-]{0,30}:\\d{0,12}:secret:[\\w/+=.@-]{1,512})["']?$`,
  'i',
);

/** What the names of secrets have in them, wherever it stands, and how they go on. A token bucket limits rates. */
const word =
  /(?:password|passwd|passphrase|passcode|pwd|secret|token(?![_-]?bucket)|api[_-]?key|access[_-]?key|private[_-]?key|authorization|credentials?|cookie|session[_-]?id)[\w-]{0,20}/;

/** `pass` begins and ends other words: alone, or at the end of a name, `DB_PASS`, `dbPass`. */
const pass = /(?:(?<![A-Za-z])(?:pass|Pass|PASS)|(?<=[a-z0-9])Pass)/;

/** Between a name and its value; quotes are escaped in JSON that is a text within JSON. */
const assigned = /\\{0,8}["']?\s{0,4}[:=]\s{0,4}/;

/** With its quotes: neither spaces nor escaped quotes end it then. */
const assignedValue =
  /(?:bearer|basic)\s{1,4}\S{1,2048}|\\{1,8}"[^"\\]{0,2048}(?:\\{1,8}")?|"(?:[^"\\]|\\[^]){0,2048}"?|'(?:[^'\\]|\\[^]){0,2048}'?|[^\s,;&)}\]"']{1,2048}/iy;

/** Up to the value. */
const named = [
  new RegExp(`${word.source}${assigned.source}`, 'gi'),
  new RegExp(`${pass.source}${assigned.source}`, 'g'),
  // Options of a command; behind one, `--token is required` tells of it.
  /(?<![\w-])--(?:[a-z]{1,20}-){0,3}(?:password|passwd|passphrase|pwd|secret|token|(?:api|access|private|secret)-key)\s{1,4}(?!-|(?:is|was|must|and|or|not|for|to|with)\s)/gi,
];

/** Ends with what looks like a name and is none: the kind of an error before what is said of it, a part of an ARN. */
const noName = new RegExp(
  `[a-z\\d](?:Exception|Error|Fault): {1,4}$|Invalid(?:ClientToken|AccessKey)Id: {1,4}$|${ofSecretsManager.source}(?:[\\w-]{0,30}:\\d{0,12}:secret:)?$`,
);

/** As long as what `noName` matches may be. */
const longestNoName = 120;

const secretNames = [new RegExp(`${word.source}$`, 'i'), new RegExp(`${pass.source}$`)];

/** True of what a secret is called, as a variable, a header or a member of JSON. */
export function isNameOfSecret(name: string): boolean {
  return secretNames.some((pattern) => pattern.test(name));
}

/** True where a number says how many, `"tokens": 4500`, `"pass": 3`, and is no secret itself. */
export function isCount(name: string, value: string): boolean {
  return (
    (/(?:tokens|(?:_c|C)ount)$/.test(name) && /^\d{1,9}$/.test(value)) ||
    (/^max[_A-Z]/.test(name) && /^\d{1,9}$/.test(value)) ||
    (/^pass$/.test(name) && /^\d{1,3}$/.test(value))
  );
}

/** What stands under the name of a secret, unless it says that there is none. */
export function maskedValue(value: string): string {
  return harmless.test(value) ? value : masked;
}

function withoutNamed(text: string, name: RegExp): string {
  let done = '';
  let from = 0;
  name.lastIndex = 0;
  for (let found = name.exec(text); found !== null; found = name.exec(text)) {
    const at = name.lastIndex;
    if (noName.test(text.slice(Math.max(0, at - longestNoName), at))) continue;
    const end = endOfValue(text, at);
    const value = text.slice(at, end);
    const [called = ''] = /^[\w-]+/.exec(found[0]) ?? [];
    done += text.slice(from, at) + (value === '' || isCount(called, value) ? value : maskedValue(value));
    from = end;
    name.lastIndex = end;
  }
  return done + text.slice(from);
}

/** What nothing parts from a bracket that ends is of the same value. */
const behindBracket = /(?:bearer|basic)\s{1,4}\S{1,2048}|[^\s,;&)}\]"']{1,2048}/iy;

function endOfValue(text: string, at: number): number {
  const isBracket = /[[{]/.test(text.charAt(at));
  const begin = isBracket ? endOfBracket(text, at) : at;
  const pattern = isBracket ? behindBracket : assignedValue;
  pattern.lastIndex = begin;
  return pattern.test(text) ? pattern.lastIndex : begin;
}

const longestBracket = 4_096;

/** Of a list or an object, the texts and the brackets in it included; of one without end, as far as one is looked at. */
function endOfBracket(text: string, at: number): number {
  const end = Math.min(text.length, at + longestBracket);
  let depth = 0;
  let isQuoted = false;
  for (let index = at; index < end; index += 1) {
    const sign = text.charAt(index);
    if (sign === '\\') index += 1;
    else if (sign === '"') isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if (sign === '[' || sign === '{') depth += 1;
    else if (sign === ']' || sign === '}') depth -= 1;
    if (depth === 0) return index + 1;
  }
  return end;
}

/** A database is named like a person: `nano_prod@nano-db.cluster-c1a2.us-west-2.rds.amazonaws.com` in spans of SQL. */
const isOwnHost = /\.(?:amazonaws\.com(?:\.cn)?|internal|local)$/;

/** The text without secrets. AWS's key ids: IAM User Guide, "IAM identifiers". */
export function withoutSecrets(text: string): string {
  if (!suspicious.test(text)) return text;
  return named
    .reduce(
      withoutNamed,
      text
        .replaceAll(/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g, masked)
        .replaceAll(/(\b[a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@:]{0,128}:[^\s/@]{1,512}@/gi, `$1${masked}@`)
        .replaceAll(
          /(?<![\w-])((?:[\w-]{0,128}?-)??)eyJ[\w-]{5,4096}\.[\w-]{5,4096}(?:\.[\w-]{0,4096})?/g,
          `$1${masked}`,
        )
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
