/**
 * Composite alarms, which moto lacks: kept on the way to it, and told among its own. Strict as CloudWatch where it matters
 * here: what a rule names has to be there, and is not deleted while the rule is.
 */
interface Stored {
  readonly AlarmName: string;
  readonly AlarmRule: string;
  readonly Tags?: readonly unknown[];
}

interface Asked {
  readonly AlarmName?: string;
  readonly AlarmRule?: string;
  readonly AlarmNames?: readonly string[];
  readonly AlarmNamePrefix?: string;
  readonly AlarmTypes?: readonly string[];
  readonly ResourceARN?: string;
}

/** An answer in JSON: its status, and what it says. */
interface Answer {
  readonly status: number;
  readonly body: object;
}

type Forward = (body: string) => Promise<Answer>;

const namesIn = (rule: string): readonly string[] =>
  [...rule.matchAll(/\w\("([^"]+)"\)/g)].map(([, name = '']) => name);
const refusal = (message: string): Answer => ({ status: 400, body: { __type: 'ValidationError', message } });

export class CompositeAlarms {
  private readonly byRegion = new Map<string, Map<string, Stored>>();

  /** Undefined for what is none of its business. */
  async answer(region: string, operation: string, text: string, forward: Forward): Promise<Answer | undefined> {
    const stored = this.byRegion.get(region) ?? new Map<string, Stored>();
    this.byRegion.set(region, stored);
    const known = ['PutCompositeAlarm', 'DescribeAlarms', 'ListTagsForResource', 'DeleteAlarms'];
    if (!known.includes(operation)) return undefined;
    const asked: Asked = JSON.parse(text);
    switch (operation) {
      case 'PutCompositeAlarm':
        return this.put(stored, asked, forward);
      case 'DescribeAlarms':
        return this.describe(stored, region, asked, await forward(text));
      case 'ListTagsForResource': {
        const found = stored.get(asked.ResourceARN?.split(':alarm:')[1] ?? '');
        return found && { status: 200, body: { Tags: found.Tags ?? [] } };
      }
      case 'DeleteAlarms':
        return this.remove(stored, asked, forward);
    }
    return undefined;
  }

  private async put(stored: Map<string, Stored>, asked: Asked, forward: Forward): Promise<Answer> {
    const { AlarmName = '', AlarmRule = '' } = asked;
    for (const name of namesIn(AlarmRule)) {
      const there = await forward(JSON.stringify({ AlarmNames: [name] }));
      const isMetric = 'MetricAlarms' in there.body && JSON.stringify(there.body.MetricAlarms) !== '[]';
      if (!isMetric && !stored.has(name)) return refusal(`alarms [${name}] in the alarm rule do not exist`);
    }
    const tags = stored.get(AlarmName)?.Tags;
    stored.set(AlarmName, { ...asked, AlarmName, AlarmRule, ...(tags === undefined ? {} : { Tags: tags }) });
    return { status: 200, body: {} };
  }

  private describe(stored: Map<string, Stored>, region: string, asked: Asked, { status, body }: Answer): Answer {
    const { AlarmNames, AlarmNamePrefix = '', AlarmTypes = [] } = asked;
    if (!AlarmTypes.includes('CompositeAlarm')) return { status, body };
    const found = [...stored.values()]
      .filter(({ AlarmName: name }) => AlarmNames?.includes(name) ?? name.startsWith(AlarmNamePrefix))
      .map(({ Tags: _tags, ...alarm }) => ({
        ...alarm,
        AlarmArn: `arn:aws:cloudwatch:${region}:123456789012:alarm:${alarm.AlarmName}`,
        StateValue: 'OK',
      }));
    return { status, body: { ...body, CompositeAlarms: found } };
  }

  private async remove(stored: Map<string, Stored>, { AlarmNames = [] }: Asked, forward: Forward): Promise<Answer> {
    for (const name of AlarmNames) {
      const parent = [...stored.values()].find(
        (each) => !AlarmNames.includes(each.AlarmName) && namesIn(each.AlarmRule).includes(name),
      );
      if (parent !== undefined) return refusal(`${name} cannot be deleted as ${parent.AlarmName} depends on it`);
    }
    const others = AlarmNames.filter((name) => !stored.delete(name));
    return others.length === 0 ? { status: 200, body: {} } : forward(JSON.stringify({ AlarmNames: others }));
  }
}
