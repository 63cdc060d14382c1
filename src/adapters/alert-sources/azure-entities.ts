// What an alert of Microsoft's is about, out of its entities and its extended properties: their names are read without regard to case, for
// the routes spell them differently, and what is not known is left alone.
import type { AlertEntities } from '../../ports/alerts.ts';
import { containerIdOf, entitiesOf, isJson, type Json, listOf, textOf } from './fields.ts';

/** The names under which extended properties stand, without spaces and case. */
const PROPERTIES: Readonly<Record<string, keyof Omit<AlertEntities, 'commandLines'>>> = {
  namespace: 'namespace',
  kubernetesnamespace: 'namespace',
  podnamespace: 'namespace',
  pod: 'pod',
  podname: 'pod',
  container: 'container',
  containername: 'container',
  containerid: 'containerId',
  containerimage: 'image',
  imagename: 'image',
  image: 'image',
  node: 'node',
  nodename: 'node',
  user: 'user',
  username: 'user',
  serviceaccount: 'user',
  serviceaccountname: 'user',
};
const COMMAND_LINE = /commandline$|^suspiciouscommand/;

/** A cluster's id in the cloud: AKS, Arc, EKS, GKE. */
const CLUSTERS = [
  /\/subscriptions\/[^/\s]+\/resourcegroups\/[^/\s]+\/providers\/microsoft\.(?:containerservice\/managedclusters|kubernetes\/connectedclusters)\/[^/\s"]+/i,
  /arn:aws[a-z-]*:eks:[^:\s]+:\d+:cluster\/[^/\s"]+/i,
  /(?:\/\/)?container\.googleapis\.com\/projects\/[^/\s]+\/(?:zones|locations)\/[^/\s]+\/clusters\/[^/\s"]+/i,
  /\/subscriptions\/[^/\s]+\/resourcegroups\/[^/\s]+\/providers\/microsoft\.security\/securityconnectors\/[^/\s]+\/securityentitydata\/[^/\s"]+/i,
];

interface Told {
  entities: unknown;
  properties: unknown;
  /** Ids of resources, and the like. */
  resources: unknown[];
}

export function azureEntities({ entities, properties, resources }: Told): AlertEntities {
  const all = listOf(entities).filter(isJson).map(lowered);
  const byId = new Map(all.flatMap((entity) => (textOf(entity.$id) === undefined ? [] : [[textOf(entity.$id), entity] as const])));
  const follow = (value: unknown): Json | undefined => {
    if (!isJson(value)) return undefined;
    const inner = lowered(value);
    const reference = textOf(inner.$ref);
    return reference === undefined ? inner : byId.get(reference);
  };
  const typed = (...types: string[]) => all.filter(({ type }) => types.includes(textOf(type)?.toLowerCase() ?? ''));
  const nameOf = (entity: Json | undefined) => textOf(entity?.name);
  const [pod] = typed('k8s-pod', 'kubernetespod');
  const [container] = typed('container');
  const containerPod = follow(container?.pod);
  const [account] = typed('k8s-service-account', 'k8s-serviceaccount', 'account');

  const extended: Partial<Record<keyof AlertEntities, string>> = {};
  const commandLines = typed('process').flatMap((process) => [
    ...(textOf(process.commandline) === undefined ? [] : [String(process.commandline)]),
    ...(textOf(follow(process.parentprocess)?.commandline) === undefined ? [] : [String(follow(process.parentprocess)?.commandline)]),
  ]);
  for (const [name, value] of Object.entries(isJson(properties) ? properties : {})) {
    const word = name.toLowerCase().replace(/[^a-z]/g, '');
    const text = textOf(value);
    if (text === undefined) continue;
    if (COMMAND_LINE.test(word)) commandLines.push(text);
    const key = Object.hasOwn(PROPERTIES, word) ? PROPERTIES[word] : undefined;
    if (key !== undefined) extended[key] ??= text;
  }
  return entitiesOf({
    cluster: clusterIn([resources, all]),
    node: extended.node ?? nameOf(typed('k8s-node')[0]),
    namespace: nameOf(follow(pod?.namespace) ?? follow(containerPod?.namespace)) ?? nameOf(typed('k8s-namespace')[0]) ?? extended.namespace,
    pod: nameOf(pod ?? containerPod) ?? extended.pod,
    container: nameOf(container) ?? extended.container,
    containerId: containerIdOf(container?.containerid) ?? containerIdOf(extended.containerId),
    image: textOf(follow(container?.image)?.imageid) ?? nameOf(typed('container-image')[0]) ?? extended.image,
    user: nameOf(account) ?? extended.user,
    commandLines: [...new Set(commandLines)],
  });
}

const lowered = (entity: Json): Json => Object.fromEntries(Object.entries(entity).map(([key, value]) => [key.toLowerCase(), value]));

/** The surest of the ids that stand anywhere in the values. */
export function clusterIn(values: unknown): string | undefined {
  const text = JSON.stringify(values) ?? '';
  for (const form of CLUSTERS) {
    const found = form.exec(text)?.[0];
    if (found !== undefined) return found;
  }
  return undefined;
}
