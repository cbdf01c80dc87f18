/** `--log-format json`: every line is as `logs conformance` wants it, and belongs to its run. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { lineSchema } from '../../src/logs/line-schema.ts';
import { serve } from '../aws/local-server.ts';
import { newFolder, operator, runOf } from './operator.ts';

const conforms = new Ajv2020({ allowUnionTypes: true }).compile(lineSchema());

/** The lines of stderr, each of which must be a structured one. */
function linesOf(stderr: string): readonly Readonly<Record<string, unknown>>[] {
  return stderr
    .trimEnd()
    .split('\n')
    .map((text) => {
      const line = JSON.parse(text);
      conforms(line);
      expect({ line, errors: conforms.errors }).toEqual({ line, errors: null });
      return line;
    });
}

const actions = (lines: ReturnType<typeof linesOf>) => lines.map(({ action }) => action);

describe('a run', () => {
  test('is told step by step and call by call, under its id, in the place of what people see', async () => {
    const ana = await operator();
    const ended = await ana.type('diagnose latency --sandbox --log-format json --json');
    const run = runOf(ended);
    const lines = linesOf(ended.stderr);
    expect(actions(lines)[0]).toBe('COMMAND_STARTED');
    expect(actions(lines).at(-1)).toBe('COMMAND_FINISHED');
    expect(actions(lines).filter((each) => each === 'STEP_FINISHED')).toHaveLength(run.steps.length);
    expect(actions(lines).filter((each) => each === 'AWS_CALL').length).toBe(run.api.calls);
    expect(new Set(lines.map((line) => line['correlation_id']))).toEqual(new Set([run.runId]));
    expect(new Set(lines.map((line) => line['trace_id'])).size).toBe(1);
    expect(lines[0]?.['trace_id']).toMatch(/^1-[0-9a-f]{8}-[0-9a-f]{24}$/);
    expect(lines.at(-1)).toMatchObject({ exit_code: ended.exitCode, duration_ms: expect.any(Number) });
    const calls = lines.filter(({ action }) => action === 'AWS_CALL');
    expect(new Set(calls.map((line) => line['request_id'])).size).toBe(calls.length);
    expect(calls[0]).toMatchObject({ http_status: 200, aws_operation: expect.stringMatching(/^[\w-]+:\w+$/) });
  });

  test('asks nobody: an approval waits, and is told', async () => {
    const ana = await operator();
    const { exitCode, stderr } = await ana.type('diagnose latency --fix --sandbox bad-deploy --log-format json --json');
    expect(exitCode).toBe(4);
    expect(actions(linesOf(stderr))).toEqual(expect.arrayContaining(['APPROVAL_REQUESTED', 'RUN_SUSPENDED']));
  });
});

test('checks are told too', async () => {
  const ana = await operator();
  const lines = linesOf((await ana.type('status --sandbox --log-format=json --json')).stderr);
  expect(actions(lines)).toEqual(expect.arrayContaining(['RUN_STARTED', 'AWS_CALL', 'COMMAND_FINISHED']));
});

test('an error is a line, with what to do next; without a run it has an id of its own', async () => {
  const ana = await operator();
  const { exitCode, stdout, stderr } = await ana.type('diagnose latenc --log-format json');
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  const failed = linesOf(stderr).find(({ action }) => action === 'COMMAND_FAILED');
  expect(failed).toMatchObject({
    level: 'ERROR',
    error: 'UnknownCommand',
    exit_code: 2,
    next_step: expect.any(String),
  });
  expect(failed?.['correlation_id']).toMatch(/^[0-9a-f-]{36}$/);
});

describe('a call that fails', () => {
  async function callTo(url: string) {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'x');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'x');
    const ana = await operator();
    const cwd = await newFolder();
    await writeFile(
      join(cwd, 'nanoops.yaml'),
      'service: a\nregions: { primary: us-west-2 }\ntracing: { service: a }\n',
    );
    const { stderr } = await ana.type(`trace list --endpoint-url ${url} --log-format json`, { cwd });
    return linesOf(stderr).filter(({ action }) => action === 'AWS_CALL')[0];
  }

  test('is a warning, with its status, its request id and what AWS called it', async () => {
    const denying = await serve((_request, response) => {
      response.writeHead(403, { 'content-type': 'application/json', 'x-amzn-requestid': 'r-1' });
      response.end('{"__type":"AccessDeniedException","message":"no"}');
    });
    const call = await callTo(denying.url);
    await denying.close();
    expect(call).toMatchObject({
      level: 'WARNING',
      http_status: 403,
      request_id: 'r-1',
      error: 'AccessDeniedException',
    });
  });

  test('without an answer has no status', async () => {
    const gone = await serve(() => {});
    await gone.close();
    const call = await callTo(gone.url);
    expect(call).toMatchObject({ level: 'WARNING' });
    expect(call).not.toHaveProperty('http_status');
  });
});

test('any other form is wrong usage', async () => {
  const ana = await operator();
  const { exitCode, stderr } = await ana.type('status --sandbox --log-format xml');
  expect(exitCode).toBe(2);
  expect(stderr).toContain('human, json');
});
