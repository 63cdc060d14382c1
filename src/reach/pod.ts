// Where a pod reaches beyond its container: into the node, into storage that others use, or ahead of others' pods.
import type { KubernetesObject } from '../ports/cluster.ts';
import { claimProblems } from './claim.ts';
import { type Fields, fieldsAt, isFields, itemsAt, type Placed, placedAt, textOf } from './fields.ts';
import type { Judgement, Path, Problem } from './judgement.ts';

/** Capabilities that a container runtime gives by itself (the baseline of the Pod Security Standards). */
const CAPABILITIES = new Set(
  'AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT'.split(' '),
);
const SYSCTLS = new Set([
  'kernel.shm_rmid_forced',
  ...'ip_local_port_range ip_local_reserved_ports ip_unprivileged_port_start ping_group_range tcp_fin_timeout tcp_keepalive_intvl tcp_keepalive_probes tcp_keepalive_time tcp_rmem tcp_syncookies tcp_wmem'
    .split(' ')
    .map((name) => `net.ipv4.${name}`),
]);
const SELINUX_TYPES = new Set(['', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t']);
/** Volumes that live and end with the namespace (the restricted level's list); every other kind is somebody's storage. */
const VOLUMES = new Set('configMap csi downwardAPI emptyDir ephemeral image persistentVolumeClaim projected secret'.split(' '));
const APP_ARMOR = 'container.apparmor.security.beta.kubernetes.io/';

/**
 * Judges the pods of an object, also of one that makes them: everything that the baseline forbids
 * (kubernetes.io/docs/concepts/security/pod-security-standards) needs `risk: high`; what would stay on a node is never allowed.
 */
export function podReach(object: KubernetesObject): Judgement {
  const { spec, annotations, path, annotationsPath } = podOf(object);
  const containers = ['initContainers', 'containers', 'ephemeralContainers'].flatMap((list) => placedAt(spec, list, path));
  const volumes = placedAt(spec, 'volumes', path);
  const context: Placed = { value: fieldsAt(spec, 'securityContext'), path: [...path, 'securityContext'] };
  const priority = typeof spec.priorityClassName === 'string' ? spec.priorityClassName : '';
  const priorityPath = [...path, 'priorityClassName'];
  const isSystem = priority.startsWith('system-');
  return {
    never: [
      ...(isSystem ? [{ says: `it asks for the priority ${priority}, which evicts pods of others`, path: priorityPath }] : []),
      ...hostPathProblems(volumes, containers),
      ...volumes.flatMap(({ value, path: place }) =>
        claimProblems(fieldsAt(value.ephemeral, 'volumeClaimTemplate', 'spec'), [...place, 'ephemeral', 'volumeClaimTemplate', 'spec']),
      ),
    ],
    high: [
      ...['hostNetwork', 'hostPID', 'hostIPC']
        .filter((flag) => spec[flag] === true)
        .map((flag) => ({ says: `it asks for ${flag}`, path: [...path, flag] })),
      ...(priority === '' || isSystem
        ? []
        : [{ says: `it asks for the priority ${priority}, which may evict pods of others`, path: priorityPath }]),
      ...volumes.flatMap(volumeReach),
      ...placedAt(context.value, 'sysctls', context.path)
        .filter(({ value: { name } }) => !SYSCTLS.has(textOf(name)))
        .map(({ value: { name }, path: place }) => ({ says: `it sets the sysctl ${textOf(name)}`, path: [...place, 'name'] })),
      ...Object.entries(annotations)
        .filter(([name, value]) => name.startsWith(APP_ARMOR) && !/^(runtime\/default|localhost\/.*|)$/.test(textOf(value)))
        .map(([name]) => ({
          says: `its container ${name.slice(APP_ARMOR.length)} is without AppArmor`,
          path: [...annotationsPath, name],
        })),
      ...contextReach(context).map(({ says, path: place }) => ({ says: `it ${says}`, path: place })),
      ...containers.flatMap((each) =>
        containerReach(each).map(({ says, path: place }) => ({ says: `its container ${textOf(each.value.name)} ${says}`, path: place })),
      ),
    ],
  };
}

/** The pod's specification and annotations with their places, of a pod or of what makes pods; empty for everything else. */
function podOf({ kind, metadata, spec }: KubernetesObject): { spec: Fields; path: Path; annotations: Fields; annotationsPath: Path } {
  const isCron = isFields(spec) && isFields(spec.jobTemplate);
  const template = kind === 'Pod' ? [] : ['spec', ...(isCron ? ['jobTemplate', 'spec'] : []), 'template'];
  return {
    spec: fieldsAt({ spec }, ...template, 'spec'),
    path: [...template, 'spec'],
    annotations: fieldsAt({ metadata, spec }, ...template, 'metadata', 'annotations'),
    annotationsPath: [...template, 'metadata', 'annotations'],
  };
}

function volumeReach({ value: volume, path }: Placed): Problem[] {
  if (isFields(volume.hostPath)) return [{ says: `it mounts ${textOf(volume.hostPath.path)} of the node`, path: [...path, 'hostPath'] }];
  return Object.keys(volume)
    .filter((key) => key !== 'name' && !VOLUMES.has(key))
    .map((key) => ({ says: `it mounts a volume of the kind ${key}`, path: [...path, key] }));
}

/** A file that is written to a node is there when the run is over. */
function hostPathProblems(volumes: readonly Placed[], containers: readonly Placed[]): Problem[] {
  const ofNode = new Set(volumes.filter(({ value: { hostPath } }) => hostPath !== undefined).map(({ value: { name } }) => name));
  const made = volumes.filter(({ value: { hostPath } }) => /OrCreate$/.test(textOf(fieldsAt(hostPath).type)));
  return [
    ...made.map(({ value: { hostPath }, path }) => ({
      says: `it may create ${textOf(fieldsAt(hostPath).path)} on the node, which would be left behind`,
      path: [...path, 'hostPath', 'type'],
    })),
    ...containers.flatMap(({ value: container, path }) =>
      placedAt(container, 'volumeMounts', path)
        .filter(({ value: mount }) => ofNode.has(mount.name) && (mount.readOnly !== true || mount.mountPropagation === 'Bidirectional'))
        .map(({ value: mount, path: place }) => ({
          says: `its container ${textOf(container.name)} mounts ${textOf(mount.mountPath)} from the node without \`readOnly: true\``,
          path: [...place, mount.readOnly === true ? 'mountPropagation' : 'readOnly'],
        })),
    ),
  ];
}

/** What the security context of a pod or of a container asks for, as verbs. */
function contextReach({ value: context, path }: Placed): Problem[] {
  const selinux = fieldsAt(context, 'seLinuxOptions');
  const isForeign = !SELINUX_TYPES.has(textOf(selinux.type ?? '')) || Boolean(selinux.user) || Boolean(selinux.role);
  return [
    ...['seccompProfile', 'appArmorProfile']
      .filter((profile) => fieldsAt(context, profile).type === 'Unconfined')
      .map((profile) => ({
        says: `is without ${profile === 'seccompProfile' ? 'seccomp' : 'AppArmor'}`,
        path: [...path, profile, 'type'],
      })),
    ...(isForeign ? [{ says: 'sets SELinux options of its own', path: [...path, 'seLinuxOptions'] }] : []),
    ...(fieldsAt(context, 'windowsOptions').hostProcess === true
      ? [{ says: 'is a process of the Windows host', path: [...path, 'windowsOptions', 'hostProcess'] }]
      : []),
  ];
}

function containerReach({ value: container, path }: Placed): Problem[] {
  const context: Placed = { value: fieldsAt(container, 'securityContext'), path: [...path, 'securityContext'] };
  const { privileged, capabilities, procMount } = context.value;
  return [
    ...(privileged === true ? [{ says: 'is privileged', path: [...context.path, 'privileged'] }] : []),
    ...itemsAt(capabilities, 'add').flatMap((name, index) =>
      CAPABILITIES.has(textOf(name))
        ? []
        : [{ says: `has the capability ${textOf(name)}`, path: [...context.path, 'capabilities', 'add', index] }],
    ),
    ...(procMount === undefined || procMount === 'Default'
      ? []
      : [{ says: `mounts /proc ${textOf(procMount)}`, path: [...context.path, 'procMount'] }]),
    ...placedAt(container, 'ports', path).flatMap(({ value: { hostPort }, path: place }) =>
      hostPort === undefined || hostPort === 0
        ? []
        : [{ says: `opens the port ${textOf(hostPort)} of the node`, path: [...place, 'hostPort'] }],
    ),
    ...contextReach(context),
    ...hostsAsked(container, path).map((place) => ({ says: 'makes the node ask another host', path: place })),
  ];
}

/** Probes and hooks are requests of the node: with a host they go wherever the playbook says. */
function hostsAsked(container: Fields, path: Path): Path[] {
  const handlers = [
    ...['livenessProbe', 'readinessProbe', 'startupProbe'].map((name) => [name]),
    ...['postStart', 'preStop'].map((name) => ['lifecycle', name]),
  ];
  return handlers
    .flatMap((handler) => ['httpGet', 'tcpSocket'].map((way) => [...handler, way]))
    .filter((way) => Boolean(fieldsAt(container, ...way).host))
    .map((way) => [...path, ...way, 'host']);
}
