/**
 * Text from traces, fit to be shown: whoever can send a request writes into them, and applications write into them what
 * nobody may read. Bounded; secrets, mail addresses and values are taken out.
 */
import type { TraceSpan } from '../cloud/facts.ts';
import { statementShape } from '../diagnosis/statement-shape.ts';
import { withoutSecrets } from '../diagnosis/secrets.ts';

const longest = { name: 200, url: 300, statement: 500 };
const mostParameters = 20;

export function tracedName(name: string): string {
  return cut(withoutSecrets(name), longest.name);
}

/** A database is named `schema@host`, as the SDKs have it, which is nobody’s mail address. */
export function tracedDatabase(name: string): string {
  return cut(name.split('@').map(withoutSecrets).join('@'), longest.name);
}

/** The name of a span, or of a node of the service graph. */
export function nameOfTraced({ name, sql, origin = '' }: Pick<TraceSpan, 'name' | 'sql' | 'origin'>): string {
  return sql !== undefined || /^(?:Database::|AWS::RDS)/.test(origin) ? tracedDatabase(name) : tracedName(name);
}

/** The statement without its values, or the operation of AWS. */
export function tracedOperation({ sql, awsOperation }: Pick<TraceSpan, 'sql' | 'awsOperation'>): string | undefined {
  if (sql !== undefined) return cut(withoutSecrets(statementShape(sql)), longest.statement);
  return awsOperation === undefined ? undefined : tracedName(awsOperation);
}

/** The address without who signs in, without the values of its query, and without what is after it. */
export function tracedUrl(url: string): string {
  const [address = '', ...queries] = (url.split('#', 1)[0] ?? '').split('?');
  const names = queries
    .join('&')
    .split('&')
    .filter((parameter) => parameter !== '')
    .map((parameter) => (parameter.includes('=') ? `${parameter.split('=', 1)[0]}=…` : '…'));
  const more = names.length > mostParameters ? '&…' : '';
  const query = names.length === 0 ? '' : `?${names.slice(0, mostParameters).join('&')}${more}`;
  return cut(withoutSecrets(address.replace(/^([a-z][a-z0-9+.-]*:)?\/\/[^/@]*@/i, '$1//')) + query, longest.url);
}

/** Path and query names of an address, for a table of one service. */
export function tracedPath(url: string): string {
  return tracedUrl(url).replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?]*/i, '') || '/';
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
