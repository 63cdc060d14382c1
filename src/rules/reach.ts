// Where an object reaches beyond the pods and the namespace of its run: what the engine refuses unless the playbook's risk is high.
import { hasExpression } from '../language/template.ts';
import { isMap, listAt, type Mapping, mapAt, textOf } from '../language/untyped.ts';
import { containersOf, type Placed, podSpecOf } from './body.ts';

/** Kinds without a namespace (kubectl api-resources --namespaced=false). */
const CLUSTER_SCOPED = new Set([
  'Namespace',
  'Node',
  'PersistentVolume',
  'ClusterRole',
  'ClusterRoleBinding',
  'ValidatingWebhookConfiguration',
  'MutatingWebhookConfiguration',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'APIService',
  'PriorityClass',
  'StorageClass',
  'CSIDriver',
  'CSINode',
  'VolumeAttachment',
  'RuntimeClass',
  'IngressClass',
  'CertificateSigningRequest',
  'FlowSchema',
  'PriorityLevelConfiguration',
]);
/** What a container runtime gives by itself (the baseline of the Pod Security Standards). */
const CAPABILITIES = new Set(
  'AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT'.split(' '),
);

/** What an object reaches for: a sentence without a subject, with its place in the object. What an expression decides is not known. */
export function reachOf(object: Mapping): Placed<string>[] {
  const { namespace } = mapAt(object, 'metadata');
  const { spec, path } = podSpecOf(object) ?? { spec: {}, path: [] };
  const isElsewhere = typeof namespace === 'string' && namespace !== '' && !hasExpression(namespace);
  return [
    ...(CLUSTER_SCOPED.has(textOf(object.kind)) ? [{ path: ['kind'], value: 'belongs to the whole cluster' }] : []),
    ...(isElsewhere ? [{ path: ['metadata', 'namespace'], value: `goes into the namespace \`${textOf(namespace)}\`` }] : []),
    ...['hostNetwork', 'hostPID', 'hostIPC']
      .filter((flag) => spec[flag] === true)
      .map((flag) => ({ path: [...path, flag], value: `asks for \`${flag}\`` })),
    ...listAt(spec, 'volumes').flatMap((volume, index) =>
      isMap(volume) && isMap(volume.hostPath)
        ? [{ path: [...path, 'volumes', index, 'hostPath'], value: `mounts \`${textOf(volume.hostPath.path)}\` of the node` }]
        : [],
    ),
    ...containersOf({ value: object, path: [] }).flatMap(containerReach),
  ];
}

function containerReach({ value: container, path }: Placed<Mapping>): Placed<string>[] {
  const context = mapAt(container, 'securityContext');
  return [
    ...(context.privileged === true ? [{ path: [...path, 'securityContext', 'privileged'], value: 'has a privileged container' }] : []),
    ...listAt(mapAt(context, 'capabilities'), 'add').flatMap((name, index) =>
      CAPABILITIES.has(textOf(name)) || hasExpression(textOf(name))
        ? []
        : [{ path: [...path, 'securityContext', 'capabilities', 'add', index], value: `has the capability \`${textOf(name)}\`` }],
    ),
    ...listAt(container, 'ports').flatMap((port, index) =>
      isMap(port) && port.hostPort
        ? [{ path: [...path, 'ports', index, 'hostPort'], value: `opens the port ${port.hostPort} of the node` }]
        : [],
    ),
  ];
}
