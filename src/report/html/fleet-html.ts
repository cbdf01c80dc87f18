/** A report on many services as one page of HTML that stands alone: the answer, all services, then what is open at each. */
import {
  fleetHeadline,
  inOrder,
  openChecks,
  serviceLook,
  serviceName,
  serviceTally,
  type FleetService,
} from '../fleet-text.ts';
import { lookOf } from '../report-text.ts';
import type { FleetDocument } from '../schemas.ts';
import { counted } from '../wording.ts';
import { dataTable, type Column } from './data-table.ts';
import { markup, unbroken, type Markup } from './html.ts';
import { markOf } from './marks.ts';
import { style } from './style.ts';

const headlineMarks = { good: '✓', bad: '!', doubt: '?' } as const;

/** The page, with an end of line. */
export function fleetHtml(fleet: FleetDocument): string {
  const { tone, text } = fleetHeadline(fleet);
  const services = inOrder(fleet.services);
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${fleet.command} on ${counted(services.length, 'service')}: ${fleet.verdict}</title>
${style}
</head>
<body>
<header>
<p class="kicker">nanoops ${fleet.command}</p>
<h1>${markOf(headlineMarks[tone], tone)}<span>${unbroken(text)}</span></h1>
<dl class="facts">
<div><dt>Verdict</dt><dd>${fleet.verdict} (exit code ${fleet.exitCode})</dd></div>
<div><dt>Services</dt><dd>${services.length}</dd></div>
<div><dt>API use</dt><dd>${counted(fleet.api.calls, 'call')}, ${counted(fleet.api.mutations, 'change')}</dd></div>
</dl>
</header>
<main>
<section aria-labelledby="services">
<h2 id="services">Services</h2>
${dataTable('Services', services, columns)}
</section>${services.filter(({ verdict }) => verdict !== 'ok').map(section)}
</main>
<footer>
<p>Written by nanoops; this page loads nothing and runs no script.</p>
</footer>
</body>
</html>
`;
  return page.toString();
}

const columns: readonly Column<FleetService>[] = [
  {
    title: 'Service',
    names: true,
    cell: (service) => markup`${serviceName(service)}<br><code class="faint">${service.id}</code>`,
  },
  {
    title: 'Verdict',
    brief: true,
    cell: (service) => {
      const { mark, tone, word } = serviceLook(service);
      return markup`<span class="${tone}">${markOf(mark, tone)} ${word}</span>`;
    },
  },
  { title: 'Checks', cell: (service) => markup`${unbroken(serviceTally(service))}` },
];

function section(service: FleetService): Markup {
  const { error } = service;
  const open = openChecks(service);
  return markup`
<section>
<h2>${serviceName(service)}</h2>
${
  error === undefined
    ? markup`<ul>${open.map((check) => {
        const { mark, tone } = lookOf(check);
        return markup`<li><span class="${tone}">${markOf(mark, tone)}</span> <strong>${check.title}</strong>: ${unbroken(check.summary)}${
          typeof check.nextStep === 'string' ? markup`<br><code>${check.nextStep}</code>` : undefined
        }</li>`;
      })}</ul>`
    : markup`<p>${unbroken(error.message)}</p>${
        error.details.length === 0
          ? undefined
          : markup`<ul>${error.details.map((detail) => markup`<li>${unbroken(detail)}</li>`)}</ul>`
      }<p><strong>Next:</strong> ${error.nextStep}</p>`
}
</section>`;
}
