/**
 * Turns a folder of PetShop data (Hardt et al., CLeaR 2024) into captures, one for every incident: what `nanoops diagnose latency` or
 * `diagnose errors` would have seen of it, as far as it was recorded, and what it said. With labels it says how often the first
 * answer, and one of the first three, was the labelled component.
 *
 *   npm run bench:rca-captures -- <folder> --to <folder> [--split train|test]
 *   nanoops diagnose latency --replay <folder>/low_traffic-train-issue_0.json
 *
 * Exits with 2 where arguments or files are wrong.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { BadInput } from './rca/csv.js';
import { loadRecorder } from './rca/engine.js';
import { componentsOf, nameAndType, readIncidents, readScenarios, splits } from './rca/petshop.js';

/** PetShop's metrics are of five minutes each. */
const periodMs = 300_000;

function argumentsOf() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { to: { type: 'string' }, split: { type: 'string' } },
    });
    const [folder, ...more] = positionals;
    if (folder === undefined || more.length > 0 || values.to === undefined)
      throw new BadInput('Two folders are wanted: npm run bench:rca-captures -- <folder> --to <folder>');
    const wanted = splits.filter((split) => values.split === undefined || split === values.split);
    if (wanted.length === 0) throw new BadInput(`--split ${values.split}: it is "train" or "test".`);
    return { folder, to: values.to, wanted };
  } catch (error) {
    if (error instanceof BadInput) throw error;
    throw new BadInput(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

async function main() {
  const { folder, to, wanted } = argumentsOf();
  const scenarios = readScenarios(folder);
  await mkdir(to, { recursive: true });
  const recorder = await loadRecorder();
  let [labelled, first, amongThree] = [0, 0, 0];
  for (const scenario of scenarios) {
    for (const incident of wanted.flatMap((split) => readIncidents(scenario, split))) {
      const components = componentsOf(scenario, scenario.normal, incident.metrics);
      const recorded = { name: 'petshop', components, calls: scenario.calls, symptom: incident.symptom, periodMs };
      const { capture, document } = await recorder.captureIncident(recorded, 'bench');
      const name = `${scenario.name}-${incident.split}-${incident.issue}`;
      await writeFile(join(to, `${name}.json`), `${JSON.stringify(capture)}\n`);
      const named = (document.causes ?? []).map(({ component }) => component);
      console.log(`${name}  ${incident.symptom.kind}  ${named.join(', ') || 'nothing found'}`);
      if (incident.cause === undefined) continue;
      const cause = nameAndType(incident.cause).name;
      labelled += 1;
      if (named[0] === cause) first += 1;
      if (named.slice(0, 3).includes(cause)) amongThree += 1;
    }
  }
  if (labelled > 0) console.log(`first answer right: ${first} of ${labelled}; among three: ${amongThree}`);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof BadInput)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
