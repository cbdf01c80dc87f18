/** The simulated web site: a page with its script, its style and a ZIP, and answers of the API. */
import type { WebAnswer } from '../cloud/inspection.ts';
import { isCutOff } from './world/region-outage.ts';
import { isUntuned } from './world/tuning.ts';
import type { World } from './world/world.ts';

interface Served {
  readonly status?: number;
  readonly type: string;
  readonly text?: string;
  readonly cacheControl?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const ZIP_BYTES = 1_482_770;

/** Whatever the host: the site is the one of the world. */
export function simulatedSite(world: World, url: string, asked: Readonly<Record<string, string>>): WebAnswer {
  const untuned = isUntuned(world, 'site');
  const { pathname } = new URL(url);
  const served = (untuned ? untunedPaths : paths)[pathname] ?? api(world, pathname, untuned) ?? missing;
  const { status = 200, type, text = '', cacheControl, headers = {} } = served;
  const compresses = !untuned && /text|json|javascript/.test(type) && (asked['accept-encoding'] ?? '').includes('br');
  const answer = {
    url,
    status,
    headers: {
      'content-type': type,
      ...(cacheControl === undefined ? {} : { 'cache-control': cacheControl }),
      ...(compresses ? { 'content-encoding': 'br', vary: 'Accept-Encoding' } : {}),
      ...headers,
    },
    text,
    isCut: false,
  };
  if (type !== 'application/zip' || untuned || asked['range'] === undefined) return answer;
  return {
    ...answer,
    status: 206,
    headers: { ...answer.headers, 'accept-ranges': 'bytes', 'content-range': `bytes 0-0/${ZIP_BYTES}` },
    text: 'P',
  };
}

function api(world: World, pathname: string, untuned: boolean): Served | undefined {
  if (!pathname.startsWith('/api/')) return undefined;
  // The edge still answers where the origin does not.
  if (isCutOff(world.inventory, 'primary', world.now())) {
    return { status: 504, type: 'application/json', text: '{"error":"origin does not answer"}' };
  }
  const nanos = Array.from({ length: 20 }, (_each, index) => ({
    id: `abc-${100 + index}`,
    title: `Pivot tables in ten minutes, part ${index + 1}`,
    summary: 'What they are, when they help, and how to make one',
    rating: 4.5,
  }));
  return {
    type: 'application/json',
    text: JSON.stringify({ nanos }),
    ...(untuned ? {} : { cacheControl: 'public, max-age=300' }),
  };
}

const missing: Served = {
  status: 404,
  type: 'text/html; charset=utf-8',
  text: '<!doctype html><title>Not found</title>',
};

function page(script: string, style: string, inline: string): string {
  const cards = Array.from(
    { length: 12 },
    (_each, index) => `<li><a href="/nanos/abc-${100 + index}">Pivot tables in ten minutes, part ${index + 1}</a></li>`,
  ).join('');
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Nanos</title>${inline}<link rel="stylesheet" href="${style}"><script type="module" src="${script}"></script></head><body><main><ul>${cards}</ul><a href="/downloads/pivot-tables.zip">Download</a></main></body></html>`;
}

const year = 'public, max-age=31536000, immutable';
const html = 'text/html; charset=utf-8';
const javascript = 'text/javascript; charset=utf-8';
const css = 'text/css; charset=utf-8';

const paths: Readonly<Record<string, Served>> = {
  '/': {
    type: html,
    text: page(
      '/assets/app.3f9a1c7b.js',
      '/assets/app.8d2e4f61.css',
      '<style>body{margin:0}main{max-width:60rem}</style>',
    ),
    cacheControl: 'public, max-age=60',
  },
  '/assets/app.3f9a1c7b.js': {
    type: javascript,
    text: `(()=>{${'const e=document.querySelector("main");e&&e.addEventListener("click",t=>t.target.focus());'.repeat(60)}})();`,
    cacheControl: year,
  },
  '/assets/app.8d2e4f61.css': {
    type: css,
    text: 'main ul{display:grid;gap:1rem;grid-template-columns:repeat(3,1fr)}main li{list-style:none;padding:1rem}'.repeat(
      40,
    ),
    cacheControl: year,
  },
  '/downloads/pivot-tables.zip': { type: 'application/zip', cacheControl: 'public, max-age=600' },
};

/** Apart from what follows it: tools that read this file would take it for its own. */
const mapComment = 'sourceMappingURL';

const untunedPaths: Readonly<Record<string, Served>> = {
  '/': { type: html, text: page('/assets/app.js', '/assets/app.css', ''), cacheControl: 'public, max-age=60' },
  '/assets/app.js': {
    type: javascript,
    text: `${`
    // Gives the list the focus when somebody clicks into it.
    const main = document.querySelector('main');
    if (main) {
        main.addEventListener('click', (event) => {
            event.target.focus();
        });
    }
`.repeat(30)}
//# ${mapComment}=app.js.map
`,
    cacheControl: 'public, max-age=3600',
  },
  '/assets/app.js.map': {
    type: 'application/json',
    text: '{"version":3,"file":"app.js","sources":["../src/app.tsx"],"mappings":"AAAA"}',
  },
  '/assets/app.css': {
    type: css,
    text: `
main ul {
    display: grid;
    gap: 1rem;
    grid-template-columns: repeat(3, 1fr);
}

main li {
    list-style: none;
    padding: 1rem;
}
`.repeat(30),
    cacheControl: 'public, max-age=3600',
  },
  '/downloads/pivot-tables.zip': { type: 'application/zip', cacheControl: 'public, max-age=600' },
};
