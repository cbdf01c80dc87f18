/** The call graph around an incident: a few short spans of it, read at once, and where in it the trouble began. */
import { graphSpans, locate, type Located } from '../diagnosis/call-graph.ts';
import type { Incident } from '../diagnosis/incident.ts';
import type { SymptomKind } from '../diagnosis/root-cause/input.ts';
import { part } from './configured.ts';
import { componentNames } from './component-names.ts';
import type { RunbookPorts, RunbookSettings } from './kit.ts';

/** Only what comes of it is kept: the graphs themselves are large. */
export async function callGraphOf(
  incident: Incident,
  kind: SymptomKind,
  { facts }: RunbookPorts,
  settings: RunbookSettings,
): Promise<Located> {
  const spans = graphSpans(incident);
  const graphs = await facts.serviceGraphs(part(settings.site.tracing), [...spans.normal, ...spans.incident]);
  return locate({ spans, graphs }, kind, componentNames(settings));
}
