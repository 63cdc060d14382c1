// The helm program that renders charts.
import type { Check } from './check.ts';

export const helm: Check = {
  id: 'helm',
  title: 'Helm',
  async run({ charts, signal }) {
    const { path, version } = await charts.version(signal);
    return [{ status: 'ok', message: `${version} at ${path}` }];
  },
};
