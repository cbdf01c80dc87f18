/** What every page of an incident is: one file that stands alone, loads nothing and runs no script. */
import { markup, type Content, type Markup } from './html.ts';
import { style } from './style.ts';

export interface PageParts {
  readonly title: string;
  readonly kicker: Content;
  readonly heading: Content;
  /** Names and values below the heading. */
  readonly facts: readonly (readonly [string, Content])[];
  readonly body: Content;
  readonly foot: Content;
}

/** The page, with an end of line. */
export function pageOf({ title, kicker, heading, facts, body, foot }: PageParts): string {
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
${style}
</head>
<body>
<header>
<p class="kicker">${kicker}</p>
<h1>${heading}</h1>
${facts.length === 0 ? undefined : markup`<dl class="facts">${facts.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`}
</header>
<main>${body}
</main>
<footer><p>${foot}</p></footer>
</body>
</html>
`.toString();
}

export function section(id: string, title: string, body: Content): Markup {
  return markup`
<section aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
${body}
</section>`;
}

export function list(lines: readonly Content[]): Markup {
  return markup`<ul>${lines.map((line) => markup`<li>${line}</li>`)}</ul>`;
}
