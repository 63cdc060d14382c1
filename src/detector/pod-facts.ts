// The pods that a request would start, wherever their specification stands: in a pod, in a workload's template, in a patch of one.

import { isMap, listAt, type Mapping, mapAt } from '../language/untyped.ts';

/** What conditions read of a pod, with every field present. */
export interface PodFacts {
  privileged: boolean;
  /** hostPID, hostIPC or hostNetwork. */
  hostNamespaces: boolean;
  capabilities: string[];
  hostPaths: string[];
  images: string[];
  commands: string[];
  serviceAccount: string;
}

const mapsAt = (value: unknown, key: string): Mapping[] => listAt(value, key).filter(isMap);
const textsAt = (value: unknown, key: string): string[] => listAt(value, key).filter((each) => typeof each === 'string');
const textAt = (value: Mapping, key: string): string => (typeof value[key] === 'string' ? value[key] : '');

const DEEPEST = 12;

/** Whatever has `containers` is the specification of a pod; a JSON patch adds to one. */
export function podsIn(object: unknown): PodFacts[] {
  const found: PodFacts[] = [];
  const visit = (value: unknown, depth: number): void => {
    if (depth > DEEPEST || typeof value !== 'object' || value === null || found.length >= 20) return;
    if (isMap(value) && [value.containers, value.initContainers, value.ephemeralContainers].some(Array.isArray))
      found.push(podFacts(value));
    else if (isMap(value) && typeof value.path === 'string' && 'op' in value) found.push(...patched(value.path, value.value));
    else for (const each of Object.values(value)) visit(each, depth + 1);
  };
  visit(object, 0);
  return found;
}

function podFacts(spec: Mapping): PodFacts {
  const containers = ['containers', 'initContainers', 'ephemeralContainers'].flatMap((key) => mapsAt(spec, key));
  const contexts = containers.map((each) => mapAt(each, 'securityContext'));
  return {
    privileged: contexts.some(({ privileged }) => privileged === true),
    hostNamespaces: ['hostPID', 'hostIPC', 'hostNetwork'].some((key) => spec[key] === true),
    capabilities: contexts.flatMap((each) => textsAt(mapAt(each, 'capabilities'), 'add')),
    hostPaths: mapsAt(spec, 'volumes').flatMap((volume) => (isMap(volume.hostPath) ? [textAt(volume.hostPath, 'path')] : [])),
    images: containers.map((each) => textAt(each, 'image')),
    commands: containers.map((each) => [...textsAt(each, 'command'), ...textsAt(each, 'args')].join(' ')),
    serviceAccount: textAt(spec, 'serviceAccountName'),
  };
}

/** What an operation of a JSON patch (RFC 6902) adds to a pod. */
function patched(path: string, value: unknown): PodFacts[] {
  const [, list, , rest] = /\/(containers|initContainers|ephemeralContainers|volumes)(\/[^/]+)?(.*)$/.exec(path) ?? [];
  if (list === undefined) return podsIn(value);
  if (rest === '/securityContext') return [podFacts({ containers: [{ securityContext: value }] })];
  if (rest === '/securityContext/privileged') return [podFacts({ containers: [{ securityContext: { privileged: value } }] })];
  return rest === '' ? [podFacts({ [list]: Array.isArray(value) ? value : [value] })] : [];
}
