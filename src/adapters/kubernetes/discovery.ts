// Which resources the API serves: from kind to path, and the list of all kinds.

import type { ApiResource } from '../../ports/cluster.ts';
import { Failure } from '../../ports/failure.ts';
import type { Transport } from './transport.ts';

/** Looks resources up and remembers them; one per connection. */
export interface Discovery {
  /** Undefined where the API serves no such kind. Asks again for a kind it did not know: it may be a new CRD. */
  find(apiVersion: string, kind: string, signal: AbortSignal): Promise<ApiResource | undefined>;
  /** As `find`, but throws Failure not-found. */
  require(apiVersion: string, kind: string, signal: AbortSignal): Promise<ApiResource>;
  /** Every listable kind in its group's preferred version; a group whose server does not answer is left out. */
  all(signal: AbortSignal): Promise<ApiResource[]>;
}

interface ResourceList {
  resources?: { name: string; kind: string; namespaced: boolean; verbs: string[] }[];
}

interface GroupList {
  groups?: { preferredVersion: { groupVersion: string } }[];
}

/** "/api/v1" for the core group, "/apis/apps/v1" for the others. */
export function groupPath(apiVersion: string): string {
  return apiVersion.includes('/')
    ? `/apis/${apiVersion.split('/').map(encodeURIComponent).join('/')}`
    : `/api/${encodeURIComponent(apiVersion)}`;
}

/** Discovery over a transport (kubernetes.io/docs/concepts/overview/kubernetes-api: the unaggregated form, which every server has). */
export function discover(transport: Transport): Discovery {
  const known = new Map<string, ApiResource[]>();

  const read = async (apiVersion: string, signal: AbortSignal): Promise<ApiResource[]> => {
    const list = (await transport.json({ action: `discover ${apiVersion}`, path: groupPath(apiVersion), signal })) as ResourceList;
    const resources = (list.resources ?? [])
      .filter(({ name }) => !name.includes('/'))
      .map(({ name, kind, namespaced, verbs }) => ({ apiVersion, kind, resource: name, namespaced, verbs }));
    known.set(apiVersion, resources);
    return resources;
  };

  const find: Discovery['find'] = async (apiVersion, kind, signal) => {
    const matches = (it: ApiResource) => it.kind === kind;
    const remembered = known.get(apiVersion)?.find(matches);
    if (remembered) return remembered;
    try {
      return (await read(apiVersion, signal)).find(matches);
    } catch (error) {
      if (error instanceof Failure && error.code === 'not-found') return undefined;
      throw error;
    }
  };

  return {
    find,
    async require(apiVersion, kind, signal) {
      const found = await find(apiVersion, kind, signal);
      if (found) return found;
      throw new Failure('not-found', `the cluster serves no kind "${kind}" in ${apiVersion}`, {
        hint: 'Is its CustomResourceDefinition installed, and is the version still served?',
      });
    },
    async all(signal) {
      const groups = (await transport.json({ action: 'discover API groups', path: '/apis', signal })) as GroupList;
      const versions = ['v1', ...(groups.groups ?? []).map((group) => group.preferredVersion.groupVersion)];
      const lists = await Promise.all(
        versions.map((version) =>
          read(version, signal).catch((error: unknown) => {
            if (error instanceof Failure && (error.code === 'server-error' || error.code === 'not-found')) return [];
            throw error;
          }),
        ),
      );
      return lists.flat().filter(({ verbs }) => verbs.includes('list'));
    },
  };
}
