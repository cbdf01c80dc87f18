/** A forecast as Markdown: the answer, the plan, the resources, what to do, and where it was read. */
import { countText, dateText, forecastHeadline, levelText, lookOfStatus, trendText } from './forecast-text.ts';
import * as markdown from './markdown.ts';
import type { ForecastDocument } from './schemas.ts';
import { counted, utcText } from './wording.ts';

/** With an end of line. */
export function forecastMarkdown(document: ForecastDocument): string {
  const { users, resources, api } = document;
  const { text } = forecastHeadline(document);
  const word = (status: ForecastDocument['users']['status']): string => {
    const look = lookOfStatus(status);
    return `${look.mark} ${look.word}`;
  };
  const todo = [{ title: 'Daily active users', ...users }, ...resources].flatMap(({ title, nextStep }) =>
    nextStep === undefined ? [] : [`- ${markdown.text(title)}: ${markdown.text(nextStep)}`],
  );
  const seen = [{ id: 'users', ...users }, ...resources].flatMap(({ id, evidence }) =>
    evidence.map((each) => ({ id, ...each })),
  );
  return `${[
    `# nanoops ${markdown.text(document.command)}: ${markdown.text(document.environment)}`,
    `**${markdown.text(text)}**`,
    `Verdict ${markdown.code(document.verdict)}, exit code ${document.exitCode}, horizon ${counted(document.horizonDays, 'day')}, as of ${markdown.text(utcText(document.asOf))}.`,
    ...(todo.length === 0 ? [] : ['## What to do', todo.join('\n')]),
    '## Daily active users',
    `${word(users.status)}: ${markdown.text(users.summary)}. Growth: ${markdown.text(trendText(users.trend))}.`,
    ...(users.tiers.length === 0
      ? []
      : [
          markdown.table(users.tiers, [
            { title: 'tier', value: (tier) => countText(tier.users), right: true },
            { title: 'infrastructure', value: ({ infrastructure }) => infrastructure },
            { title: 'around', value: ({ at }) => dateText(at) },
            { title: 'earliest', value: ({ earliest }) => dateText(earliest) },
            { title: 'latest', value: ({ latest }) => dateText(latest) },
            { title: 'outlook', value: ({ summary }) => summary },
          ]),
        ]),
    `## Resources, against ${document.thresholdPercent} % sustained`,
    markdown.table(resources, [
      { title: '', value: ({ status }) => word(status) },
      { title: 'resource', value: ({ title }) => title },
      { title: 'now', value: levelText, right: true },
      { title: 'growth', value: ({ trend }) => trendText(trend) },
      { title: 'outlook', value: ({ summary }) => summary },
    ]),
    '## Evidence',
    markdown.table(seen, [
      { title: 'of', value: ({ id }) => id, code: true },
      { title: 'seen', value: ({ detail }) => detail },
      { title: 'by', value: ({ source }) => source, code: true },
      { title: 'in', value: ({ region }) => region },
    ]),
    `${counted(api.calls, 'call')}, ${counted(api.mutations, 'change')}.`,
  ].join('\n\n')}\n`;
}
