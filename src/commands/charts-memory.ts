// A chart is rendered once: what the plan showed is what the run creates.
import type { Charts } from '../ports/charts.ts';

/** Remembers each rendering for the life of the command. */
export function rememberCharts(charts: Charts): Charts {
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
