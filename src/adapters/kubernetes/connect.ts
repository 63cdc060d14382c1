// A cluster behind ports/cluster.ts, reached with a kubeconfig.
import type { ApiResource, Cluster } from '../../ports/cluster.ts';
import { accountRequests } from './account.ts';
import { contextCredentials } from './credentials.ts';
import { discover } from './discovery.ts';
import { execInPod } from './exec.ts';
import { type ClusterChoice, chooseContext } from './kubeconfig.ts';
import { logLines } from './logs.ts';
import { applyObject, deleteObject, getObject, listObjects } from './objects.ts';
import { requestPod } from './pod-request.ts';
import { connectTransport, type Transport } from './transport.ts';
import { watchObjects } from './watch.ts';

/**
 * The chosen cluster. Reads the kubeconfig and nothing else: the first method that is called makes the first connection.
 * Throws Failure configuration: no kubeconfig, unknown context, no usable address.
 */
export async function connectCluster(choice: ClusterChoice): Promise<Cluster> {
  const config = chooseContext(choice);
  const server = config.getCurrentCluster()?.server ?? '';
  const transport = connectTransport(server, contextCredentials(config));
  const api = { transport, discovery: discover(transport) };
  return {
    context: config.getCurrentContext(),
    server,
    version: (signal) => serverVersion(transport, signal),
    get: (reference, signal) => getObject(api, reference, signal),
    list: async (query, signal) => (await listObjects(api, query, signal)).items,
    apply: (object, options, signal) => applyObject(api, object, options, signal),
    delete: (reference, options, signal) => deleteObject(api, reference, options, signal),
    watch: (query, signal) => watchObjects(api, query, signal),
    exec: (pod, command, options) => execInPod(transport, pod, command, options),
    logs: (pod, options) => logLines(transport, pod, options),
    request: (pod, port, request) => requestPod(transport, pod, port, request),
    requestAs: accountRequests(config, transport),
    canI: (question, signal) => canI(transport, question, signal),
    resources: (signal): Promise<ApiResource[]> => api.discovery.all(signal),
    resource: ({ apiVersion, kind }, signal) => api.discovery.find(apiVersion, kind, signal),
  };
}

async function serverVersion(transport: Transport, signal: AbortSignal): ReturnType<Cluster['version']> {
  const { gitVersion, platform } = (await transport.json({ action: 'ask the version', path: '/version', signal })) as {
    gitVersion: string;
    platform: string;
  };
  return { gitVersion, platform };
}

async function canI(transport: Transport, question: Parameters<Cluster['canI']>[0], signal: AbortSignal): ReturnType<Cluster['canI']> {
  const { verb, group, namespace } = question;
  const [resource, subresource] = question.resource.split('/');
  const answer = (await transport.json({
    action: `ask whether ${verb} ${question.resource} is allowed`,
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: { verb, group, resource, subresource, namespace } },
    },
    signal,
  })) as { status?: { allowed?: boolean; reason?: string } };
  return { allowed: answer.status?.allowed === true, reason: answer.status?.reason ?? '' };
}
