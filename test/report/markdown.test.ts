import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listMarkdown } from '../../src/report/list-markdown.ts';
import * as markdown from '../../src/report/markdown.ts';
import { runMarkdown } from '../../src/report/run-markdown.ts';
import { runDocument } from '../../src/report/schemas.ts';
import { actingRuns, runId } from '../terminal/acting.ts';
import { hostile, runs } from '../terminal/fixtures.ts';
import { nasty } from '../terminal/nasty.ts';
import { infected, recoveries } from './recovery.ts';

describe('text in Markdown', () => {
  it.each([
    ['<script>alert(1)</script>', '\\<script\\>alert(1)\\</script\\>'],
    ['[click](https://evil.example)', '\\[click\\](https\\://evil.example)'],
    ['![](x)', '\\!\\[\\](x)'],
    ['www.evil.example', 'www\\.evil.example'],
    ['**bold** _it_ ~~no~~ `code`', '\\*\\*bold\\*\\* \\_it\\_ \\~\\~no\\~\\~ \\`code\\`'],
    ['# heading', '\\# heading'],
    ['- item', '\\- item'],
    ['1. item', '1\\. item'],
    ['a | b', 'a \\| b'],
    ['idx_nanos_title and __init__', 'idx_nanos_title and \\_\\_init\\_\\_'],
    ['&lt;b&gt;', '\\&lt;b\\&gt;'],
    ['$x$', '\\$x\\$'],
    ['line\n\n# heading', 'line \\# heading'],
    ['back\\slash', 'back\\\\slash'],
  ])('shows %j as it is', (given, expected) => {
    expect(markdown.text(given)).toBe(expected);
  });

  it('calls nobody', () => {
    expect(markdown.text('@channel and @here')).not.toMatch(/@[\w-]/);
  });

  it('stays plain where it is plain', () => {
    expect(markdown.text('p99 640 ms → 4.81 s for 18 min (97 %)')).toBe('p99 640 ms → 4.81 s for 18 min (97 %)');
  });

  it('keeps no sign that means something without a backslash before it', () => {
    const signs = fc.string({ unit: fc.constantFrom(...'\\`*_[]<>&|~$#!{}ab -1.@:/\n'.split('')), maxLength: 30 });
    fc.assert(
      fc.property(signs, (value) => {
        const rest = markdown.text(value).replaceAll(/\\./g, '·');
        expect(rest).not.toMatch(/[\\`*[\]<>&|~$#!{}]|(?<![a-z\d])_|_(?![a-z\d])|:\/\/|^[-+=]|^\d+[.)](?: |$)|@\w/);
      }),
    );
  });
});

describe('code in Markdown', () => {
  it('cannot be ended from within', () => {
    expect(markdown.code('a')).toBe('`a`');
    expect(markdown.code('a`b')).toBe('``a`b``');
    expect(markdown.code('`a``')).toBe('``` `a`` ```');
    expect(markdown.codeBlock('```\nrm -rf /\n```', 'sh')).toBe('````sh\n```\nrm -rf /\n```\n````');
    // What is not shown stood between the signs.
    expect(markdown.codeBlock('a\n``\u200b`\n<b>')).toBe('````\na\n```\n<b>\n````');
  });
});

describe('a table in Markdown', () => {
  it('has as many cells in every row as it has columns, whatever is in them', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(nasty, nasty), { maxLength: 4 }), (rows) => {
        const lines = markdown
          .table(rows, [
            { title: 'a', value: ([first]) => first, code: true },
            { title: 'b', value: ([, second]) => second },
          ])
          .split('\n');
        expect(lines).toHaveLength(rows.length + 2);
        for (const line of lines) expect(line.replaceAll(/\\./g, '').match(/\|/g)).toHaveLength(3);
      }),
    );
  });
});

describe('a run in Markdown', () => {
  it.each(Object.keys(runs) as (keyof typeof runs)[])('reads well when it ends "%s"', async (name) => {
    await expect(runMarkdown(runs[name].document)).toMatchFileSnapshot(`golden/run-${name}.md`);
  });

  it('has the same shape whatever its texts are', () => {
    const shape = (text: string): string[] =>
      text.split('\n').map((line) => /^(?:#+ |- |\| |```|[A-Z*]|$)/.exec(line)?.[0] ?? 'text');
    const expected = shape(runMarkdown(hostile(runs.cause, 'x').document)).map((each) => (each === 'text' ? '' : each));
    fc.assert(
      fc.property(nasty, (text) => {
        const lines = shape(runMarkdown(hostile(runs.cause, `x${text}`).document));
        expect(lines.map((each) => (each === 'text' ? '' : each))).toEqual(expected);
      }),
    );
  });
});

describe('a run that acts, in Markdown', () => {
  it.each(Object.keys(actingRuns) as (keyof typeof actingRuns)[])('reads well when it ends "%s"', async (name) => {
    const { document } = actingRuns[name];
    expect(runDocument.safeParse(document).error).toBeUndefined();
    await expect(runMarkdown(document)).toMatchFileSnapshot(`golden/acting-${name}.md`);
  });

  it('tells what stays changed before anything else that it found', () => {
    const text = runMarkdown(actingRuns.undone.document);
    expect(text.indexOf('### Stays changed')).toBeLessThan(text.indexOf('### Put back'));
    expect(text.indexOf('### Put back')).toBeLessThan(text.indexOf('## Steps'));
    expect(text).toContain('| `ecs:UpdateService` | `nano/nano-api` | us-west-2 | desired 6 → 7 | `scale-out` |');
  });

  it('gives the commands that go on in a block to copy from', () => {
    expect(runMarkdown(actingRuns.awaiting.document)).toContain(
      `\`\`\`sh\nnanoops runs resume ${runId} --approve approve@3f9a0c2b1d4e\nnanoops runs abort ${runId}\n\`\`\``,
    );
  });

  it('has the same shape whatever its texts are', () => {
    const shape = (text: string): string[] =>
      runMarkdown(hostile(actingRuns.doubtful, text).document)
        .split('\n')
        .map((line) => /^(?:#+ |- |\| |```|$)/.exec(line)?.[0] ?? 'text');
    const expected = shape('x');
    fc.assert(
      fc.property(nasty, (text) => {
        expect(shape(`x${text}`)).toEqual(expected);
      }),
    );
  });
});

describe('a recovery in Markdown', () => {
  it.each(Object.keys(recoveries) as (keyof typeof recoveries)[])('reads well when it ends "%s"', async (name) => {
    await expect(runMarkdown(recoveries[name])).toMatchFileSnapshot(`golden/recovery-${name}.md`);
  });

  it('has the same shape whatever its texts are', () => {
    const shape = (text: string): string[] =>
      runMarkdown(infected(recoveries.drill, text))
        .split('\n')
        .map((line) => /^(?:#+ |- |\| |```|$)/.exec(line)?.[0] ?? 'text');
    const expected = shape('x');
    fc.assert(
      fc.property(nasty, (text) => {
        expect(shape(`x${text}`)).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });
});

it('gives a list as a table', () => {
  const list = { schema: 'nanoops/list@1', items: [{ id: 'slow-query', summary: 'a <slow> query' }] } as const;
  const columns = [
    { title: 'scenario', text: (item: { id: string }) => item.id },
    { title: 'what happens', text: (item: Record<string, unknown>) => String(item['summary']) },
  ];
  expect(listMarkdown(list, columns)).toBe(
    '| scenario | what happens |\n| --- | --- |\n| `slow-query` | a \\<slow\\> query |\n',
  );
  expect(listMarkdown({ ...list, items: [] }, columns)).toBe('Nothing to list.\n');
});
