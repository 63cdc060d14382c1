// The alert sources that a run would read: how far it is proved that they are read rightly, and whether they can be read now.
import type { AlertSource, SourceCheck } from '../ports/alerts.ts';
import type { Check, CheckLine, CheckStatus } from './check.ts';
import { lineOf } from './examine.ts';

const STATUS: Record<SourceCheck['result'], CheckStatus> = { ok: 'ok', warning: 'warn', failed: 'fail' };

export const alertSources: Check = {
  id: 'alert-sources',
  title: 'Alert sources',
  async run({ sources = [], signal }) {
    return (await Promise.all(sources.map((source) => linesOf(source, signal)))).flat();
  },
};

/** A source that cannot be looked at keeps none of the others from being told. */
async function linesOf(source: AlertSource, signal: AbortSignal): Promise<CheckLine[]> {
  const { name, product, proof } = source;
  const head = `${name} (${name === product ? '' : `${product}, `}proof: ${proof})`;
  try {
    const checks = await source.check(signal);
    return checks.map(({ title, result, message, hint }) => ({
      status: STATUS[result],
      message: `${head}: ${title}: ${message}`,
      ...(hint === undefined ? {} : { hint }),
    }));
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    const line = lineOf(error);
    return [{ ...line, message: `${head}: ${line.message}` }];
  }
}
