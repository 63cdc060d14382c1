// The API server: reachable, and new enough.
import { type Check, minorVersion } from './check.ts';

/** Server-side apply without surprises needs 1.22; ending a program's standard input over WebSocket needs 1.30 (KEP-4006). */
const OLDEST = 22;
const FULL = 30;

export const apiServer: Check = {
  id: 'api-server',
  title: 'API server',
  async run({ cluster, signal }) {
    const { gitVersion, platform } = await cluster.version(signal);
    const found = `${cluster.context} (${cluster.server}) runs ${gitVersion} on ${platform}`;
    const version = minorVersion(gitVersion);
    if (version === undefined) return [{ status: 'unknown', message: `${found}: not a version that can be compared` }];
    if (version.major === 1 && version.minor < OLDEST)
      return [{ status: 'fail', message: found, hint: `Kubernetes 1.${OLDEST} or newer is needed.` }];
    if (version.major === 1 && version.minor < FULL)
      return [{ status: 'warn', message: found, hint: `Steps with standard input, curl among them, need Kubernetes 1.${FULL} or newer.` }];
    return [{ status: 'ok', message: found }];
  },
};
