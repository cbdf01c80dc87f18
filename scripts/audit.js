/**
 * Are there known vulnerabilities in what is shipped? Asks the registry about everything in package-lock.json (`npm audit`), and
 * judges by the bill of materials of the bundle: of what only builds and tests nanoops nothing reaches its users. Not known is not
 * the same as none: a registry that offers no audit fails nothing here, and is told; a release does not go by it. An audit that the
 * registry may offer, and that did not come about, fails.
 *
 *     node scripts/audit.js      0: none of weight, or the registry offers no audit; 1: a vulnerability, high or critical, in what
 *                                is shipped; 2: the audit did not come about
 */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const root = dirname(import.meta.dirname);
const grave = ['high', 'critical'];
/** How a registry says that it has no such service: no such thing, not by that method, no more, never made. */
const unoffered = new Set([404, 405, 410, 501]);
/** npm asks three times, and the registry may be far away. */
const patienceMs = 180_000;

/** @typedef {{ name: string, severity: string, nodes: string[], via: (string | { title?: string, url?: string })[] }} Vulnerability */
/** @typedef {{ vulnerabilities?: Record<string, Vulnerability>, message?: string, statusCode?: number, error?: { summary?: string } }} Audit What `npm audit --json` prints, of it all. */
/** @typedef {{ components: { name: string, version: string }[] }} Bill */
/** @typedef {{ packages: Record<string, { version?: string }> }} Lock */
/** @typedef {{ grave: string[], slight: number, elsewhere: number }} Known */
/** @typedef {Known | { unoffered: string } | { broken: string }} Findings */

/**
 * @param {Audit} audit
 * @param {Lock} lock
 * @param {Bill} bill
 * @returns {Findings}
 */
export function findingsOf(audit, lock, bill) {
  if (audit.vulnerabilities === undefined) {
    const { message, statusCode, error } = audit;
    const told = message || error?.summary || 'npm audit told nothing';
    return statusCode !== undefined && unoffered.has(statusCode) ? { unoffered: told } : { broken: told };
  }
  const shipped = new Set(bill.components.map(({ name, version }) => `${name}@${version}`));
  const all = Object.values(audit.vulnerabilities);
  const inBundle = all.filter(({ name, nodes }) =>
    nodes.some((node) => shipped.has(`${name}@${lock.packages[node]?.version ?? ''}`)),
  );
  const heavy = inBundle.filter(({ severity }) => grave.includes(severity));
  return {
    grave: heavy.map(({ name, severity, via }) => `${name} (${severity}): ${via.map(reasonOf).join('; ')}`),
    slight: inBundle.length - heavy.length,
    elsewhere: all.length - inBundle.length,
  };
}

/** @param {Vulnerability['via'][number]} via */
function reasonOf(via) {
  if (typeof via === 'string') return `by ${via}`;
  return [via.title, via.url].filter((each) => each !== undefined).join(' ');
}

/**
 * Asks the registry that npm is set to. Needs a build, whose bill of materials it reads.
 *
 * @param {readonly string[]} [flags] of npm
 * @param {number} [limitMs]
 * @returns {Promise<Findings>} Broken as well where anything throws: Node would end with 1, as with a vulnerability.
 */
export async function audited(flags = [], limitMs = patienceMs) {
  try {
    return await asked(flags, limitMs);
  } catch (error) {
    return { broken: String(error) };
  }
}

/**
 * @param {readonly string[]} flags
 * @param {number} limitMs
 * @returns {Promise<Findings>}
 */
async function asked(flags, limitMs) {
  const { stdout, timedOut } = await execa('npm', ['audit', '--json', '--package-lock-only', ...flags], {
    cwd: root,
    reject: false,
    timeout: limitMs,
  });
  if (timedOut) return { broken: `npm audit was not over after ${limitMs / 1000} s` };
  const [lock, bill] = await Promise.all(
    ['package-lock.json', 'dist/sbom.cdx.json'].map(async (path) =>
      JSON.parse(await readFile(join(root, path), 'utf8')),
    ),
  );
  return findingsOf(parsed(stdout ?? ''), lock, bill);
}

/** @param {string} text @returns {Audit} */
function parsed(text) {
  if (text === '') return { message: 'npm audit printed nothing' };
  try {
    return Object(JSON.parse(text));
  } catch {
    return { message: `npm audit printed no document: ${text.slice(0, 200)}` };
  }
}

/** @param {Findings} findings */
export function auditText(findings) {
  if ('unoffered' in findings) return `not known: the registry here offers no audit (${findings.unoffered})`;
  if ('broken' in findings) return `not known: the audit did not come about (${findings.broken})`;
  const { grave: heavy, slight, elsewhere } = findings;
  const rest = `${slight} of less weight in what is shipped, ${elsewhere} in what builds and tests it`;
  if (heavy.length === 0) return `no high or critical vulnerability in what is shipped; ${rest}`;
  return [`vulnerable, high or critical, and shipped; besides ${rest}`, ...heavy].join('\n  ');
}

/** @param {Findings} findings */
function exitCodeOf(findings) {
  if ('broken' in findings) return 2;
  return 'grave' in findings && findings.grave.length > 0 ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const findings = await audited(process.argv.slice(2));
  console.log(auditText(findings));
  process.exitCode = exitCodeOf(findings);
}
