/** What stands in the way of a release, each told by itself. */
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { auditText, findingsOf } from '../../scripts/audit.js';
import { publishedManifest } from '../../scripts/pack.js';
import { changelogFaults, packageFaults, provenBy, treeFaults, vulnerabilityFaults } from '../../scripts/release.js';

describe('the tree', () => {
  const fit = { status: '', isOnMain: true, version: '1.2.0' };

  test('is fit where nothing was changed, on main, under the tag of the version', () => {
    expect(treeFaults(fit)).toEqual([]);
    expect(treeFaults({ ...fit, tag: 'v1.2.0' })).toEqual([]);
  });

  test.each([
    [{ status: ' M src/main.ts\n?? notes' }, 'the tree is not clean:  M src/main.ts, ?? notes'],
    [{ isOnMain: false }, 'the commit is not on main'],
    [{ tag: 'v1.2.1' }, 'the tag is v1.2.1, and the version 1.2.0'],
  ])('is not: %o', (more, fault) => {
    expect(treeFaults({ ...fit, ...more })).toEqual([fault]);
  });
});

describe('the changelog', () => {
  const told = (...headings: readonly string[]) =>
    `# Changelog\n\n${headings.map((heading) => `## ${heading}\n\n### Added\n\n- Something.\n`).join('\n')}`;

  test('tells of the version, with its day, above those before it', () => {
    expect(changelogFaults(told('[1.2.0] - 2001-02-03', '[1.1.0] - 2001-01-01'), '1.2.0')).toEqual([]);
    expect(changelogFaults(told('[Unreleased]', '[1.2.0] - 2001-02-03'), '1.2.0')).toEqual([]);
  });

  test.each([
    [told('[Unreleased]'), ['CHANGELOG.md has no heading "## [1.2.0] - <day>"']],
    [told('[1.2.0]'), ['CHANGELOG.md: 1.2.0 has no day, as in 2026-01-31']],
    [told('[1.3.0] - 2001-03-03', '[1.2.0] - 2001-02-03'), ['CHANGELOG.md: 1.3.0 stands above 1.2.0']],
    [`## [1.2.0] - 2001-02-03\n\n## [1.1.0] - 2001-01-01\n\n- Something.\n`, ['CHANGELOG.md tells nothing of 1.2.0']],
  ])('%#', (changelog, faults) => {
    expect(changelogFaults(changelog, '1.2.0')).toEqual(faults);
  });
});

describe('the package', () => {
  const components = [{ name: 'yaml', version: '2.0.0' }];
  const fit = {
    files: ['README.md', 'LICENSE', 'CHANGELOG.md', 'dist/sbom.cdx.json', 'dist/THIRD-PARTY-LICENSES.txt'],
    manifest: { name: 'nanoops', version: '1.2.0' },
    bill: { metadata: { component: { name: 'nanoops', version: '1.2.0' } }, components },
    licenses: 'yaml 2.0.0 (ISC)\n\nThe text.\n',
  };

  test('is fit with its licences and its bill of materials, and nothing to be run or installed', () => {
    expect(packageFaults(fit)).toEqual([]);
  });

  test.each([
    [{ files: fit.files.slice(1) }, 'README.md is not in it'],
    [{ manifest: { ...fit.manifest, scripts: { postinstall: 'node x.js' } } }, 'npm would run its "postinstall"'],
    [{ manifest: { ...fit.manifest, scripts: { prepare: 'node x.js' } } }, 'npm would run its "prepare"'],
    [{ manifest: { ...fit.manifest, dependencies: { yaml: '^2' } } }, 'it would have yaml installed beside it'],
    [{ manifest: { ...fit.manifest, version: '1.3.0' } }, 'its bill of materials is not of 1.3.0'],
    [{ bill: { ...fit.bill, components: [] } }, 'its bill of materials is empty'],
    [{ licenses: 'yaml 2.0.1 (ISC)\n' }, 'the licence of yaml@2.0.0 is not in it'],
  ])('is not: %#', (more, fault) => {
    expect(packageFaults({ ...fit, ...more })).toEqual([fault]);
  });

  test('what is published has no scripts, and says whose job made it', () => {
    const manifest = { name: 'nanoops', version: '1.2.0', bin: {}, scripts: { prepare: 'x' }, devDependencies: {} };
    expect(publishedManifest(manifest)).toEqual({ name: 'nanoops', version: '1.2.0', bin: {} });
    expect(publishedManifest(manifest, 'https://github.com/ana/nanoops')).toHaveProperty('repository', {
      type: 'git',
      url: 'git+https://github.com/ana/nanoops.git',
    });
  });
});

test('provenance is proved by a job of CI that has an identity, and by nobody else', () => {
  const job = { GITHUB_ACTIONS: 'true', GITHUB_REPOSITORY: 'ana/nanoops', ACTIONS_ID_TOKEN_REQUEST_URL: 'https://x' };
  expect(provenBy(job)).toBe('https://github.com/ana/nanoops');
  expect(provenBy({ ...job, GITHUB_SERVER_URL: 'https://git.example' })).toBe('https://git.example/ana/nanoops');
  for (const name of Object.keys(job)) expect(provenBy({ ...job, [name]: undefined })).toBeUndefined();
});

describe('vulnerabilities', () => {
  const lock = {
    packages: { 'node_modules/yaml': { version: '2.0.0' }, 'node_modules/old/node_modules/yaml': { version: '1.0.0' } },
  };
  const bill = { components: [{ name: 'yaml', version: '2.0.0' }] };
  const found = (severity: string, nodes: string[]) => ({
    vulnerabilities: {
      yaml: { name: 'yaml', severity, nodes, via: [{ title: 'It hangs', url: 'https://a.example/1' }] },
    },
  });

  test('high ones in what is shipped are told, and count', () => {
    const findings = findingsOf(found('high', ['node_modules/yaml']), lock, bill);
    expect(findings).toEqual({ grave: ['yaml (high): It hangs https://a.example/1'], slight: 0, elsewhere: 0 });
    expect(auditText(findings)).toContain('\n  yaml (high): It hangs https://a.example/1');
  });

  test('slighter ones, and those of another version that only builds it, are counted apart', () => {
    expect(findingsOf(found('moderate', ['node_modules/yaml']), lock, bill)).toEqual({
      grave: [],
      slight: 1,
      elsewhere: 0,
    });
    expect(findingsOf(found('critical', ['node_modules/old/node_modules/yaml']), lock, bill)).toEqual({
      grave: [],
      slight: 0,
      elsewhere: 1,
    });
  });

  test.each([404, 405, 410, 501])(
    'a registry that offers no audit, by %i, has not said that there are none',
    (statusCode) => {
      const findings = findingsOf({ message: `${statusCode} No`, statusCode }, lock, bill);
      expect(findings).toEqual({ unoffered: `${statusCode} No` });
      expect(auditText(findings)).toBe(`not known: the registry here offers no audit (${statusCode} No)`);
    },
  );

  test.each([
    [{ message: '401 Unauthorized', statusCode: 401 }, '401 Unauthorized'],
    [{ message: '503 Service Unavailable', statusCode: 503 }, '503 Service Unavailable'],
    [{ message: 'connect ECONNREFUSED' }, 'connect ECONNREFUSED'],
    [{ error: { summary: 'no lockfile' } }, 'no lockfile'],
    [{}, 'npm audit told nothing'],
  ])('an audit that did not come about is no audit that is not offered: %o', (answer, broken) => {
    const findings = findingsOf(answer, lock, bill);
    expect(findings).toEqual({ broken });
    expect(auditText(findings)).toBe(`not known: the audit did not come about (${broken})`);
  });

  test('a release is stopped by a grave one, and by not knowing', () => {
    expect(vulnerabilityFaults({ grave: [], slight: 1, elsewhere: 2 })).toEqual([]);
    expect(vulnerabilityFaults({ grave: ['yaml (high)'], slight: 0, elsewhere: 0 })).toHaveLength(1);
    for (const unknown of [{ unoffered: '405' }, { broken: 'no answer' }]) {
      expect(vulnerabilityFaults(unknown)).toEqual([expect.stringMatching(/^not known: /)]);
    }
  });
});

test('the workflow that publishes has an identity and no secrets, and runs what was looked at', async () => {
  const text = await readFile(new URL('../../examples/github/release.yaml', import.meta.url), 'utf8');
  const { permissions, jobs } = parse(text);
  expect(permissions).toEqual({});
  expect(jobs.publish.permissions).toEqual({ contents: 'read', 'id-token': 'write' });
  expect(text).not.toMatch(/secrets\.|NPM_TOKEN|NODE_AUTH_TOKEN/);
  const uses = [...text.matchAll(/uses: (\S+)/g)].map(([, action = '']) => action);
  expect(uses).not.toEqual([]);
  for (const action of uses) expect(action).toMatch(/@[0-9a-f]{40}$/);
  // Whether the commit is on main can only be told by the whole history.
  expect(jobs.publish.steps[0].with['fetch-depth']).toBe(0);
  expect(jobs.publish.steps.at(-1).run).toBe('npm run release');
});
