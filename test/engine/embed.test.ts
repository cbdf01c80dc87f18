/** A runbook as a part of another: what its steps become there, when they begin, and what they are told. */
import { describe, expect, it } from 'vitest';
import { embed, type EmbedOptions } from '../../src/engine/embed.ts';
import { runbook, RunbookError, type Conclusion } from '../../src/engine/runbook.ts';
import { settled } from '../../src/engine/step.ts';
import { stepsFor } from '../../src/engine/steps-for.ts';
import {
  died,
  eventsOf,
  setting,
  setTo,
  Stage,
  startMs,
  statusesOf,
  steps,
  theBook,
  theEvent,
  World,
  yes,
  type ABook,
  type Act,
  type Ports,
  type Settings,
} from './acting/stage.ts';
import { decide, observe, play, recordOf, runbookOf, takes, Trouble, type AStep } from './kit.ts';

/** What each service of a platform is told: the name of its value, and by how much it grows. */
interface ServiceSettings {
  readonly name: string;
  readonly by: number;
}

const serviceSteps = stepsFor<Ports, ServiceSettings, Act>();
const service = serviceBook();

/** Every form of step, for one service whose value is named by its settings. */
function serviceBook() {
  const of = serviceSteps;
  const found = of.observe('found', {
    title: 'Look',
    where: 'here',
    run: async (_needs, { ports, settings: { name } }) => (await ports.read(name)).value,
    detail: (value, { name }) => `${name} is ${value}`,
  });
  const consent = of.approve('consent', {
    title: 'Ask',
    needs: { found },
    ask: (needs, { name, by }) => ({
      question: `Grow ${name}?`,
      facts: [],
      changes: [setTo(name, needs.found, needs.found + by)],
    }),
  });
  const grow = of.act('grow', {
    calls: ['world:Read'],
    changes: ['world:Set'],
    reverse: setting.reverse,
    title: 'Grow',
    needs: { found },
    approval: consent,
    change: (needs, { name, by }) => setTo(name, needs.found, needs.found + by),
    look: async ({ input }, { ports, settings: { name } }) => {
      const { value } = await ports.read(name);
      const detail = `${name} is ${value}`;
      if (value === input.to) return { state: 'done', detail };
      return { state: value === input.from ? 'not-started' : 'drifted', detail };
    },
    apply: ({ input }, { ports, settings: { name } }) => ports.set({ ...input, name }),
  });
  const grown = of.wait('grown', {
    title: 'Wait',
    needs: { grow },
    of: grow,
    calls: ['world:Read'],
    withinMs: 60_000,
    poll: async ({ grow: { change } }, { ports, settings: { name } }) => {
      const { value, moving } = await ports.read(name);
      return moving || value !== change.after[name]
        ? { state: 'waiting', detail: `${name} moves` }
        : { state: 'reached', output: { at: value }, detail: `${name} is ${value}` };
    },
  });
  const holds = of.verifyMeasured('holds', {
    title: 'Verify',
    needs: { grown },
    calls: ['world:Read'],
    withinMs: 9_000,
    poll: async (_needs, { ports, settings: { name } }) =>
      (await ports.healthy())
        ? { state: 'reached', output: { healthy: true }, detail: `${name} is well` }
        : { state: 'waiting', detail: `${name} is ill` },
    assume: (_needs, { name }) => ({ output: { healthy: true }, detail: `assumed: ${name} is well` }),
  });
  const told = of.tell('told', {
    title: 'Tell',
    needs: { holds: settled(holds) },
    message: ({ holds: end }, { settings: { name } }) => `${name} ${end.known ? 'holds' : 'does not hold'}`,
    summary: (message) => message,
    send: async (message, { ports, settings: { name } }) => {
      await ports.tell(message);
      return { delivered: true, detail: `told of ${name}` };
    },
  });
  const end = of.decide('end', {
    title: 'Conclude',
    needs: { holds: settled(holds), grow: settled(grow) },
    run: (needs, { settings: { name } }): ServiceEnd => ({
      verdict: needs.holds.known ? 'ok' : 'attention',
      name,
      made: needs.grow.known && needs.grow.value.made,
    }),
    detail: ({ verdict, name }) => `${name}: ${verdict}`,
  });
  const book = runbook({
    id: 'service',
    title: 'A service',
    summary: 'Grows a service',
    steps: [found, consent, grow, grown, holds, told, end],
    conclusion: end,
    resources: ({ name }) => [`world:${name}`],
  });
  return { book, found, consent, grow, grown, holds, told, end };
}

interface ServiceEnd extends Conclusion {
  readonly name: string;
  readonly made: boolean;
}

type Options = Omit<EmbedOptions<Settings, ServiceSettings>, 'prefix' | 'settings'>;

const part = (name: string, factor: number, options: Options = {}) =>
  embed(service.book, {
    prefix: `${name}-`,
    title: `${name}: `,
    settings: ({ by }: Settings) => ({ name, by: by * factor }),
    ...options,
  });

/** Two services, one after the other or both at once, and what both came to. */
function platform(order: 'in-turn' | 'at-once'): ABook {
  const size = part('size', 1);
  const first = size.of(service.end);
  const gate = steps.decide('go-on', {
    title: 'The first holds',
    needs: { first },
    skip: ({ first: { verdict } }) => (verdict === 'ok' ? undefined : 'the first does not hold'),
    run: () => ({ goesOn: true }),
    detail: () => 'on to the second',
  });
  const other = part('switch', 10, { after: order === 'in-turn' ? [gate] : [] });
  const end = steps.decide('end', {
    title: 'In short',
    needs: { size: settled(first), other: settled(other.of(service.end)) },
    run: (needs) => ({
      verdict:
        needs.size.known && needs.other.known && needs.size.value.verdict === 'ok' && needs.other.value.verdict === 'ok'
          ? ('ok' as const)
          : ('attention' as const),
    }),
    detail: ({ verdict }) => verdict,
  });
  return runbook({
    id: 'platform',
    title: 'Platform',
    summary: 'Two services',
    steps: [...size.steps, gate, ...other.steps, end],
    conclusion: end,
    resources: () => ['world:size', 'world:switch'],
  });
}

const at = (records: readonly { readonly stepId: string; readonly detail: string }[], id: string) =>
  records.find(({ stepId }) => stepId === id)?.detail;

describe('the steps of an embedded runbook', () => {
  it('have ids and titles of their own, and keep everything else', () => {
    const size = part('size', 1);
    expect(size.steps.map(({ id, title }) => [id, title])).toEqual([
      ['size-found', 'size: Look'],
      ['size-consent', 'size: Ask'],
      ['size-grow', 'size: Grow'],
      ['size-grown', 'size: Wait'],
      ['size-holds', 'size: Verify'],
      ['size-told', 'size: Tell'],
      ['size-end', 'size: Conclude'],
    ]);
    const grow = size.of(service.grow);
    expect(grow).toMatchObject({ kind: 'act', calls: ['world:Read'], changes: ['world:Set'], timeoutMs: 180_000 });
    expect(grow.needs.map(({ step: { id } }) => id)).toEqual(['size-found', 'size-consent']);
    expect(size.of(service.told).needs).toMatchObject([{ step: { id: 'size-holds' }, optional: true }]);
  });

  it('leave the runbook that they come from as it was', () => {
    const before = service.book.steps.map(({ id, title, needs }) => ({
      id,
      title,
      needs: needs.map((n) => n.step.id),
    }));
    part('size', 1);
    expect(
      service.book.steps.map(({ id, title, needs }) => ({ id, title, needs: needs.map((n) => n.step.id) })),
    ).toEqual(before);
  });

  it('are in the part of the stack that the whole says, and otherwise in none or in their own', () => {
    expect(part('size', 1).of(service.found).where).toBe('here');
    const turned = part('size', 1, { where: (inner) => `other ${inner}` });
    expect(turned.of(service.found).where).toBe('other here');
    expect(turned.of(service.grow).where).toBeUndefined();
  });

  it('are not given for a step that is not among them', () => {
    const foreign = steps.decide('foreign', { title: 'F', run: () => 1, detail: String });
    expect(() => part('size', 1).of(foreign)).toThrow(
      new TypeError('step "foreign" is not among the embedded runbook\'s steps'),
    );
    const twin = serviceBook();
    expect(() => part('size', 1).of(twin.found)).toThrow('"found" is not among');
  });

  it('may not have the ids of others', () => {
    const twice = [...part('size', 1).steps, ...part('size', 2).steps];
    const end = steps.decide('end', { title: 'End', run: () => ({ verdict: 'ok' as const }), detail: String });
    const build = () =>
      runbook({ id: 'x', title: 'X', summary: 'X', steps: [...twice, end], conclusion: end, resources: () => [] });
    expect(build).toThrow(RunbookError);
    expect(build).toThrow('two steps have the id "size-found"');
  });
});

/** What must have ended before the steps of a looking runbook may begin. */
describe('what must have ended first', () => {
  const root = takes('root', 1_000);
  const next = takes('next', 0, { root });
  const sure = decide('sure', {
    title: 'Concludes from whatever there is',
    needs: { root: settled(root) },
    run: (needs) => (needs.root.known ? 'seen' : 'not seen'),
    detail: (word) => word,
  });
  const inner = runbookOf(root, next, sure);
  const behind = (...gates: readonly AStep[]) =>
    runbookOf(
      ...gates,
      ...embed(inner, { prefix: 'in-', after: gates, settings: (same: { readonly limit: number }) => same }).steps,
    );
  const ids = ['in-root', 'in-next', 'in-sure', 'in-end'];
  const skipped = observe('gate', { title: 'Gate', skip: () => 'not today', run: async () => 1, detail: String });
  const broken = observe('broken', {
    title: 'Broken',
    run: () => Promise.reject(new Trouble('denied', 'not allowed')),
    detail: String,
  });

  it('is waited for, all of it', async () => {
    const staged = await play(behind(takes('gate', 5_000), takes('other', 7_000)));
    expect(recordOf(staged, 'in-root').startedAt - staged.result.startedAt).toBe(7_000);
    expect(ids.map((id) => recordOf(staged, id).status)).toEqual(Array(4).fill('succeeded'));
    expect(recordOf(staged, 'in-sure').detail).toBe('seen');
  });

  it('skips all of it where it was skipped, also what would go on without its needs', async () => {
    const staged = await play(behind(skipped));
    expect(ids.map((id) => recordOf(staged, id).status)).toEqual(Array(4).fill('skipped'));
    expect(recordOf(staged, 'in-next').detail).toBe('needs "gate": not today');
  });

  it('blocks all of it where it is unknown, also what would go on without its needs', async () => {
    const staged = await play(behind(broken));
    expect(ids.map((id) => recordOf(staged, id).status)).toEqual(Array(4).fill('blocked'));
    expect(recordOf(staged, 'in-sure')).toMatchObject({ detail: 'needs "broken": not allowed', errorClass: 'denied' });
  });

  it('blocks rather than skips where one was skipped and another is unknown', async () => {
    const staged = await play(behind(skipped, broken));
    expect(ids.map((id) => recordOf(staged, id).status)).toEqual(Array(4).fill('blocked'));
  });

  it('holds for a part of a part, too', async () => {
    const middle = runbookOf(
      ...embed(inner, { prefix: 'b-', settings: (same: { readonly limit: number }) => same }).steps,
    );
    const outer = embed(middle, {
      prefix: 'a-',
      after: [skipped],
      settings: (same: { readonly limit: number }) => same,
    });
    const staged = await play(runbookOf(skipped, ...outer.steps));
    for (const id of ['a-b-root', 'a-b-next', 'a-b-sure', 'a-b-end', 'a-end'])
      expect(recordOf(staged, id).status).toBe('skipped');
    const open = embed(middle, { prefix: 'a-', settings: (same: { readonly limit: number }) => same });
    expect(recordOf(await play(runbookOf(...open.steps)), 'a-b-sure').detail).toBe('seen');
  });
});

describe('a platform of two services', () => {
  it.each(['in-turn', 'at-once'] as const)('%s: each is told its own, asked for, changed and seen', async (order) => {
    const stage = new Stage();
    const approver = yes();
    const { result, events } = await stage.play({ book: platform(order), approver });
    expect(result.verdict).toBe('ok');
    expect(stage.world.state).toEqual({ size: 3, switch: 10 });
    expect(approver.asked).toBe(2);
    expect(eventsOf(events, 'approval.requested').map(({ stepId, question }) => [stepId, question])).toEqual([
      ['size-consent', 'Grow size?'],
      ['switch-consent', 'Grow switch?'],
    ]);
    expect(at(result.steps, 'size-found')).toBe('size is 2');
    expect(at(result.steps, 'switch-grown')).toBe('switch is 10');
    expect(at(result.steps, 'switch-holds')).toBe('switch is well');
    expect(at(result.steps, 'switch-told')).toBe('told of switch');
    expect(at(result.steps, 'switch-end')).toBe('switch: ok');
    expect(stage.world.told.toSorted()).toEqual(['size holds', 'switch holds']);
    const begins = (id: string) => events.findIndex((event) => event.type === 'step.started' && event.stepId === id);
    const ends = (id: string) => events.findIndex((event) => event.type === 'step.finished' && event.stepId === id);
    const [later, earlier] =
      order === 'in-turn' ? [begins('switch-found'), ends('size-end')] : [ends('size-grown'), begins('switch-grow')];
    expect(later).toBeGreaterThan(earlier);
  });

  it('leaves the second alone where the first does not hold', async () => {
    const stage = new Stage();
    stage.world.healthy = false;
    const { result, events } = await stage.play({ book: platform('in-turn') });
    expect(result.verdict).toBe('failed');
    expect(stage.world.state).toEqual({ size: 2, switch: 0 });
    expect(statusesOf({ result })).toMatchObject({ 'size-grow': 'rolled-back', 'switch-grow': 'skipped' });
    expect(eventsOf(events, 'approval.requested').map(({ stepId }) => stepId)).toEqual(['size-consent']);
  });

  it.each(['in-turn', 'at-once'] as const)('%s: puts back both, the newest first', async (order) => {
    const stage = new Stage();
    const { result, events } = await stage.play({
      book: platform(order),
      script: () => {
        stage.world.onRead = async (name) => {
          if (name === 'switch' && stage.world.applied.includes('switch=10')) stage.world.healthy = false;
        };
        if (order === 'at-once') stage.world.healthy = false;
      },
    });
    expect(result.verdict).toBe('failed');
    expect(stage.world.state).toEqual({ size: 2, switch: 0 });
    const forth = eventsOf(events, 'change.intended').filter(({ direction }) => direction === 'apply');
    const back = eventsOf(events, 'change.intended').filter(({ direction }) => direction === 'undo');
    expect(forth.map(({ stepId }) => stepId).toSorted()).toEqual(['size-grow', 'switch-grow']);
    expect(back.map(({ stepId }) => stepId)).toEqual(forth.map(({ stepId }) => stepId).toReversed());
  });

  it('waits for its own changes, and not for those of the other', () => {
    const { steps: all } = platform('in-turn');
    for (const name of ['size', 'switch']) {
      const { body } = all.find(({ id }) => id === `${name}-grown`) ?? raise();
      expect(body.form === 'poll' && body.of === all.find(({ id }) => id === `${name}-grow`)).toBe(true);
    }
  });

  it('rehearsed changes nothing, and assumes of each in its own words', async () => {
    const stage = new Stage();
    const { result, log } = await stage.play({ book: platform('in-turn'), mode: 'dry-run' });
    expect(stage.world.applied.length).toBeGreaterThan(0); // The stage's world is what a dry run calls its model.
    expect(at(result.steps, 'switch-holds')).toBe('assumed: switch is well');
    expect(at(result.steps, 'switch-told')).toBe('would tell: switch holds');
    expect(stage.world.told).toEqual([]);
    expect(log.filter((each) => each.startsWith('tell') || each === 'healthy')).toEqual([]);
  });

  it('that dies in the second goes on in the second, wherever it died', async () => {
    const undisturbed = new Stage();
    undisturbed.world.movingMs = 0; // Two processes do not share a clock.
    const whole = await undisturbed.play({ book: platform('in-turn') });
    const first = whole.events.find((event) => event.type === 'step.started' && event.stepId === 'switch-found');
    expect(first).toBeDefined();
    for (let nth = first?.seq ?? 0; nth < whole.events.length; nth += 1) {
      const stage = new Stage();
      stage.world.movingMs = 0;
      expect(await stage.start({ book: platform('in-turn'), death: { at: 'event', nth } })).toBe(died);
      const { result, events } = await stage.play({ book: platform('in-turn') });
      expect(result.verdict).toBe('ok');
      expect(stage.world.applied).toEqual(['size=3', 'switch=10']);
      expect(eventsOf(events, 'step.started').map(({ stepId }) => stepId)).not.toContain('size-grow');
    }
  });

  it('takes a question for each, and a yes to one is none to the other', async () => {
    const stage = new Stage(new World({ size: 2, switch: 2 }));
    const same = (name: string) =>
      embed(service.book, { prefix: `${name}-`, settings: ({ by }: Settings) => ({ name, by }) });
    const [size, other] = [same('size'), same('switch')];
    const end = steps.decide('end', {
      title: 'End',
      needs: { size: settled(size.of(service.end)), other: settled(other.of(service.end)) },
      run: ({ size: one, other: two }) => ({
        verdict: one.known && two.known && one.value.made && two.value.made ? ('ok' as const) : ('attention' as const),
      }),
      detail: ({ verdict }) => verdict,
    });
    const book: ABook = runbook({
      id: 'same',
      title: 'Same',
      summary: 'Same',
      steps: [...size.steps, ...other.steps, end],
      conclusion: end,
      resources: () => ['world:size', 'world:switch'],
    });
    const { result } = await stage.play({
      book,
      approver: {
        ask: async ({ stepId }) =>
          stepId === 'size-consent' ? { kind: 'given', by: 'ana', how: 'prompt' } : { kind: 'declined', by: 'ana' },
      },
    });
    expect(result.verdict).toBe('awaiting-approval');
    expect(stage.world.applied).toEqual([]);
    const again = await stage.play({ book });
    expect(again.result.verdict).toBe('ok');
    expect(eventsOf(again.events, 'approval.requested').map(({ stepId }) => stepId)).toEqual(['switch-consent']);
    expect(stage.world.applied.toSorted()).toEqual(['size=3', 'switch=3']);
  });

  it('is embedded into a whole of wholes as it is', async () => {
    const outer = embed(platform('in-turn'), { prefix: 'eu-', settings: ({ by }: Settings) => ({ by: by * 2 }) });
    const end = steps.decide('end', {
      title: 'End',
      needs: { all: outer.steps.at(-1) ?? raise() },
      run: () => ({ verdict: 'ok' as const }),
      detail: ({ verdict }) => verdict,
    });
    const stage = new Stage();
    const { result } = await stage.play({
      book: runbook({
        id: 'world',
        title: 'World',
        summary: 'World',
        steps: [...outer.steps, end],
        conclusion: end,
        resources: () => ['world:size', 'world:switch'],
      }),
    });
    expect(result.verdict).toBe('ok');
    expect(stage.world.state).toEqual({ size: 4, switch: 20 });
    expect(at(result.steps, 'eu-switch-end')).toBe('switch: ok');
  });
});

function raise(): never {
  throw new Error('there is no step');
}

describe('the stage\u2019s own runbook', () => {
  it('embedded does what it does alone, lost answers and all', async () => {
    const alone = theBook();
    const there = embed(alone, { prefix: 'x-', settings: (same: Settings) => same });
    const book: ABook = runbook({
      id: 'x',
      title: 'X',
      summary: 'X',
      steps: there.steps,
      conclusion: there.of(alone.conclusion),
      resources: () => ['world:size', 'world:switch'],
    });
    const stage = new Stage();
    stage.world.fates.set('size', ['lost']);
    const { result, events } = await stage.play({ book });
    expect(result.verdict).toBe('ok');
    expect(stage.world.applied).toEqual(['size=3', 'switch=1']);
    expect(theEvent(events, 'change.looked-up')).toMatchObject({ stepId: 'x-grow', state: 'in-flight' });
    expect(result.startedAt).toBe(startMs);
  });
});
