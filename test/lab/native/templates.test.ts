import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { localFiles } from '../../../src/adapters/files.ts';
import { labFolders } from '../../../src/lab/folders.ts';
import { nativeLayout } from '../../../src/lab/native/layout.ts';
import { writeConfiguration } from '../../../src/lab/native/templates.ts';
import { fillTemplate } from '../../../src/lab/template.ts';
import { fakeWorld } from '../fake-world.ts';

const resources = fileURLToPath(new URL('../../../', import.meta.url));
const layout = nativeLayout(labFolders({ SIM_LAB_STATE: '/srv/lab' }));
const world = fakeWorld(() => undefined, { resources });
const written = (name: string) => world.contents.get(join(layout.config, name)) ?? '';

beforeAll(async () => {
  world.files.read = localFiles().read;
  await writeConfiguration(world, layout);
});

test('no name stays open in any file', () => {
  for (const [path, text] of world.contents) expect(text, path).not.toMatch(/\{\{|\}\}\}/);
  expect(() => fillTemplate('a {{unknown}}', {})).toThrow(/\{\{unknown\}\}, which has no value/);
  expect(() => fillTemplate('a {{toString}}', {})).toThrow(/no value/);
});

test('the kubelet keeps to the lab: its cgroup, no resolvers of the host', () => {
  expect(parse(written('kubelet.yaml'))).toMatchObject({
    cgroupRoot: `/${layout.name}`,
    resolvConf: '',
    containerRuntimeEndpoint: 'unix:///srv/lab/run/containerd.sock',
  });
});

test('containerd keeps to the lab', () => {
  const text = written('containerd.toml');
  expect(text).toContain(`root = "${layout.containers}"`);
  expect(text).toContain('state = "/srv/lab/run/containerd"');
  expect(text).toContain('conf_dir = "/srv/lab/config/cni"');
});

test('the pods have a network, and DNS forwards nowhere', () => {
  expect(JSON.parse(written('cni/10-lab.conflist'))).toMatchObject({
    plugins: [{ type: 'ptp', ipam: { ranges: [[{ subnet: '10.244.0.0/24' }]] } }],
  });
  expect(written('Corefile')).not.toMatch(/^\s*forward/m);
});

test('the audit log has no bodies of secrets and token reviews', () => {
  const { rules } = parse(written('audit-policy.yaml'));
  const secrets = rules.find((rule: { resources?: { resources: string[] }[] }) =>
    rule.resources?.some(({ resources }) => resources.includes('secrets')),
  );
  const reviews = rules.find((rule: { resources?: { resources: string[] }[] }) =>
    rule.resources?.some(({ resources }) => resources.includes('tokenreviews')),
  );
  expect([secrets.level, reviews.level, rules.at(-1)]).toEqual(['Metadata', 'Metadata', { level: 'Request' }]);
});

test("the cluster's DNS is published where the kubelet says it is", () => {
  const [service] = parseAllDocuments(written('cluster-dns.yaml')).map((document) => document.toJS());
  expect(parse(written('kubelet.yaml')).clusterDNS).toEqual([service.spec.clusterIP]);
});

test('versions are those of go.mod', async () => {
  const { kubernetesVersion, helmVersion } = await import('../../../src/lab/native/layout.ts');
  const module = readFileSync(join(resources, 'lab/kubelab/go.mod'), 'utf8');
  expect(module).toContain(`k8s.io/kubernetes v${kubernetesVersion}\n`);
  expect(module).toContain(`helm.sh/helm/v4 v${helmVersion}\n`);
});
