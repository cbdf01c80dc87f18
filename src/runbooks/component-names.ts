/** What the configuration calls the parts that traces and logs name in their own way. */
import type { ComponentNames } from '../diagnosis/self-time.ts';
import type { RunbookSettings } from './kit.ts';

export function componentNames({ site, service }: RunbookSettings): ComponentNames & { readonly service: string } {
  return {
    service: site.compute?.service ?? service,
    tracedService: site.tracing?.service,
    database: site.database?.cluster,
    cache: site.cache?.replicationGroup,
    bucket: site.storage?.bucket,
  };
}
