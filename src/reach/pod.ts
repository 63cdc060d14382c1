// Where a pod reaches beyond its container: into the node, into storage that others use, or ahead of others' pods.
import type { KubernetesObject } from '../ports/cluster.ts';
import { claimProblems } from './claim.ts';
import { type Fields, fieldsAt, isFields, listAt, textsAt } from './fields.ts';
import type { Judgement } from './judgement.ts';

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
  const { spec, annotations } = podOf(object);
  const containers = ['initContainers', 'containers', 'ephemeralContainers'].flatMap((list) => listAt(spec, list));
  const priority = typeof spec.priorityClassName === 'string' ? spec.priorityClassName : '';
  const isSystem = priority.startsWith('system-');
  return {
    never: [
      ...(isSystem ? [`it asks for the priority ${priority}, which evicts pods of others`] : []),
      ...hostPathProblems(listAt(spec, 'volumes'), containers),
      ...listAt(spec, 'volumes').flatMap(({ ephemeral }) => claimProblems(fieldsAt(ephemeral, 'volumeClaimTemplate', 'spec'))),
    ],
    high: [
      ...['hostNetwork', 'hostPID', 'hostIPC'].filter((flag) => spec[flag] === true).map((flag) => `it asks for ${flag}`),
      ...(priority === '' || isSystem ? [] : [`it asks for the priority ${priority}, which may evict pods of others`]),
      ...listAt(spec, 'volumes').flatMap(volumeReach),
      ...textsOf(listAt(fieldsAt(spec, 'securityContext'), 'sysctls'), 'name')
        .filter((name) => !SYSCTLS.has(name))
        .map((name) => `it sets the sysctl ${name}`),
      ...Object.entries(annotations)
        .filter(([name, value]) => name.startsWith(APP_ARMOR) && !/^(runtime\/default|localhost\/.*|)$/.test(String(value)))
        .map(([name]) => `its container ${name.slice(APP_ARMOR.length)} is without AppArmor`),
      ...contextReach(fieldsAt(spec, 'securityContext')).map((reach) => `it ${reach}`),
      ...containers.flatMap((each) => containerReach(each).map((reach) => `its container ${each.name} ${reach}`)),
    ],
  };
}

/** The pod's specification and annotations, of a pod or of what makes pods; empty for everything else. */
function podOf({ kind, metadata, spec }: KubernetesObject): { spec: Fields; annotations: Fields } {
  if (kind === 'Pod') return { spec: fieldsAt(spec), annotations: fieldsAt(metadata, 'annotations') };
  const job = isFields(spec) && isFields(spec.jobTemplate) ? fieldsAt(spec, 'jobTemplate', 'spec') : fieldsAt(spec);
  return { spec: fieldsAt(job, 'template', 'spec'), annotations: fieldsAt(job, 'template', 'metadata', 'annotations') };
}

const textsOf = (maps: readonly Fields[], key: string): string[] => maps.map((each) => String(each[key]));

function volumeReach(volume: Fields): string[] {
  if (isFields(volume.hostPath)) return [`it mounts ${volume.hostPath.path} of the node`];
  return Object.keys(volume)
    .filter((key) => key !== 'name' && !VOLUMES.has(key))
    .map((key) => `it mounts a volume of the kind ${key}`);
}

/** A file that is written to a node is there when the run is over. */
function hostPathProblems(volumes: readonly Fields[], containers: readonly Fields[]): string[] {
  const ofNode = new Set(volumes.filter(({ hostPath }) => hostPath !== undefined).map(({ name }) => name));
  const made = volumes.flatMap(({ hostPath }) => (/OrCreate$/.test(String(fieldsAt(hostPath).type)) ? [fieldsAt(hostPath).path] : []));
  return [
    ...made.map((path) => `it may create ${path} on the node, which would be left behind`),
    ...containers.flatMap(({ name, volumeMounts }) =>
      listAt({ volumeMounts }, 'volumeMounts')
        .filter((mount) => ofNode.has(mount.name) && (mount.readOnly !== true || mount.mountPropagation === 'Bidirectional'))
        .map((mount) => `its container ${name} mounts ${mount.mountPath} from the node without \`readOnly: true\``),
    ),
  ];
}

/** What the security context of a pod or of a container asks for, as verbs. */
function contextReach(context: Fields): string[] {
  const selinux = fieldsAt(context, 'seLinuxOptions');
  const isForeign = !SELINUX_TYPES.has(String(selinux.type ?? '')) || Boolean(selinux.user) || Boolean(selinux.role);
  return [
    ...(fieldsAt(context, 'seccompProfile').type === 'Unconfined' ? ['is without seccomp'] : []),
    ...(fieldsAt(context, 'appArmorProfile').type === 'Unconfined' ? ['is without AppArmor'] : []),
    ...(isForeign ? ['sets SELinux options of its own'] : []),
    ...(fieldsAt(context, 'windowsOptions').hostProcess === true ? ['is a process of the Windows host'] : []),
  ];
}

function containerReach(container: Fields): string[] {
  const context = fieldsAt(container, 'securityContext');
  const added = textsAt(context.capabilities, 'add').filter((name) => !CAPABILITIES.has(name));
  const ports = listAt(container, 'ports').flatMap(({ hostPort }) => (hostPort === undefined || hostPort === 0 ? [] : [hostPort]));
  return [
    ...(context.privileged === true ? ['is privileged'] : []),
    ...added.map((name) => `has the capability ${name}`),
    ...(context.procMount === undefined || context.procMount === 'Default' ? [] : [`mounts /proc ${context.procMount}`]),
    ...ports.map((port) => `opens the port ${port} of the node`),
    ...contextReach(context),
    ...(asksOthers(container) ? ['makes the node ask another host'] : []),
  ];
}

/** Probes and hooks are requests of the node: with a host they go wherever the playbook says. */
function asksOthers(container: Fields): boolean {
  const handlers = [
    ...['livenessProbe', 'readinessProbe', 'startupProbe'].map((name) => fieldsAt(container, name)),
    ...['postStart', 'preStop'].map((name) => fieldsAt(container, 'lifecycle', name)),
  ];
  return handlers.some((handler) => ['httpGet', 'tcpSocket'].some((way) => Boolean(fieldsAt(handler, way).host)));
}
