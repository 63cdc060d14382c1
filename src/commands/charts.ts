// Charts for one command: by the lab's helm where there is one, each rendered once, so that what the plan showed is what the run creates.
import { helmCharts } from '../adapters/helm.ts';
import { processRunner } from '../adapters/process.ts';
import type { LabRecord } from '../lab/driver.ts';
import type { Charts } from '../ports/charts.ts';

/** Charts that remember each rendering for the life of the command. */
export function chartsOf(lab: LabRecord | undefined, env: Record<string, string | undefined>): Charts {
  const charts = helmCharts({ process: processRunner(), env, ...(lab?.helm === undefined ? {} : { binary: lab.helm }) });
  const known = new Map<string, ReturnType<Charts['render']>>();
  return {
    version: (signal) => charts.version(signal),
    render(request, signal) {
      const key = JSON.stringify(request);
      const rendered = known.get(key) ?? charts.render(request, signal);
      known.set(key, rendered);
      return rendered;
    },
  };
}
