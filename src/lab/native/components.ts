// The programs that make the cluster, with their arguments: what runs, and in which order it is waited for.
import { join } from 'node:path';
import type { Cloud } from '../driver.ts';
import { type Layout, network, nodeName } from './layout.ts';

export interface Component {
  name: string;
  command: [string, ...string[]];
  /** Inside the lab's namespaces; the one way in is not. */
  inside: boolean;
  /** Address that answers 200 when it is ready, as seen from where it runs. */
  ready?: string;
}

const ETCD = 'http://127.0.0.1:2379';
const PEER = 'http://127.0.0.1:2380';

/** All components by name. `port`: the host's loopback port; `holder`: the process whose namespaces they share. */
export function components(
  layout: Layout,
  { cloud, port, holder }: { cloud: Cloud; port: number; holder: number },
): Record<string, Component> {
  const { kubelab, pki, config, state } = layout;
  const key = (name: string) => join(pki, `${name}.key`);
  const certificate = (name: string) => join(pki, `${name}.crt`);
  const kubeconfig = (name: string) => `--kubeconfig=${join(pki, `${name}.conf`)}`;
  const list: Component[] = [
    {
      name: 'etcd',
      inside: true,
      ready: 'http://127.0.0.1:2379/health',
      command: [
        kubelab,
        'etcd',
        `--data-dir=${join(state, 'etcd')}`,
        `--listen-client-urls=${ETCD}`,
        `--advertise-client-urls=${ETCD}`,
        `--listen-peer-urls=${PEER}`,
        `--initial-advertise-peer-urls=${PEER}`,
        `--initial-cluster=default=${PEER}`,
        // Nothing here outlives a crash of the machine.
        '--unsafe-no-fsync',
        '--log-level=warn',
      ],
    },
    {
      name: 'containerd',
      inside: true,
      command: [join(layout.tools, 'usr/bin/containerd'), '--config', join(config, 'containerd.toml')],
    },
    {
      name: 'kube-apiserver',
      inside: true,
      ready: 'https://127.0.0.1:6443/readyz',
      command: [
        kubelab,
        'kube-apiserver',
        `--etcd-servers=${ETCD}`,
        `--service-cluster-ip-range=${network.serviceRange}`,
        `--advertise-address=${network.nodeAddress}`,
        `--client-ca-file=${certificate('ca')}`,
        `--tls-cert-file=${certificate('apiserver')}`,
        `--tls-private-key-file=${key('apiserver')}`,
        `--service-account-key-file=${join(pki, 'sa.pub')}`,
        `--service-account-signing-key-file=${key('sa')}`,
        '--service-account-issuer=https://kubernetes.default.svc',
        '--authorization-mode=Node,RBAC',
        '--enable-admission-plugins=NodeRestriction',
        `--kubelet-client-certificate=${certificate('kubelet-client')}`,
        `--kubelet-client-key=${key('kubelet-client')}`,
        `--kubelet-certificate-authority=${certificate('ca')}`,
        '--kubelet-preferred-address-types=InternalIP',
        '--allow-privileged',
        `--audit-policy-file=${join(config, 'audit-policy.yaml')}`,
        `--audit-log-path=${layout.auditLog}`,
        '--audit-log-maxsize=100',
        '--audit-log-maxbackup=1',
        '--shutdown-delay-duration=0s',
      ],
    },
    {
      name: 'kube-controller-manager',
      inside: true,
      command: [
        kubelab,
        'kube-controller-manager',
        kubeconfig('controller-manager'),
        '--bind-address=127.0.0.1',
        '--use-service-account-credentials',
        // Its forty controllers begin one after the other, each with some requests: the usual rate makes that four seconds.
        '--kube-api-qps=500',
        '--kube-api-burst=1000',
        `--service-account-private-key-file=${key('sa')}`,
        `--root-ca-file=${certificate('ca')}`,
        `--cluster-signing-cert-file=${certificate('ca')}`,
        `--cluster-signing-key-file=${key('ca')}`,
        `--cluster-cidr=${network.podRange}`,
        '--allocate-node-cidrs=true',
        '--node-cidr-mask-size=24',
        '--leader-elect=false',
      ],
    },
    {
      name: 'kube-scheduler',
      inside: true,
      command: [kubelab, 'kube-scheduler', kubeconfig('scheduler'), '--bind-address=127.0.0.1', '--leader-elect=false'],
    },
    {
      name: 'kubelet',
      inside: true,
      command: [
        kubelab,
        'kubelet',
        kubeconfig('kubelet'),
        `--config=${join(config, 'kubelet.yaml')}`,
        `--hostname-override=${nodeName}`,
        `--node-ip=${network.nodeAddress}`,
        `--cert-dir=${pki}`,
      ],
    },
    {
      name: 'kube-proxy',
      inside: true,
      command: [
        kubelab,
        'kube-proxy',
        kubeconfig('proxy'),
        '--proxy-mode=nftables',
        `--cluster-cidr=${network.podRange}`,
        `--hostname-override=${nodeName}`,
        // The kernel's limits belong to the host.
        '--conntrack-max-per-core=0',
        '--conntrack-tcp-timeout-established=0s',
        '--conntrack-tcp-timeout-close-wait=0s',
      ],
    },
    {
      name: 'coredns',
      inside: true,
      ready: 'http://127.0.0.1:8181/ready',
      command: [kubelab, 'coredns', '-conf', join(config, 'Corefile')],
    },
    {
      name: 'cloud-stub',
      inside: true,
      command: [kubelab, 'cloud-stub', `--cloud=${cloud}`, '--metadata=169.254.169.254:80', `--domain=${network.outsideAddress}:80`],
    },
    {
      name: 'forward',
      inside: false,
      ready: `https://127.0.0.1:${port}/readyz`,
      command: [kubelab, 'forward', `--listen=127.0.0.1:${port}`, `--pid=${holder}`, '--to=127.0.0.1:6443'],
    },
  ];
  return Object.fromEntries(list.map((component) => [component.name, component]));
}
