// Writes the configuration files of the native lab from lab/native/.
import { join } from 'node:path';
import type { LabWorld } from '../driver.ts';
import { fillTemplate } from '../template.ts';
import { type Layout, network, pauseImage } from './layout.ts';

/** Template below lab/, and its name in the lab's configuration folder. */
const TEMPLATES: readonly [string, string][] = [
  ['audit-policy.yaml', 'audit-policy.yaml'],
  ['native/kubelet.yaml', 'kubelet.yaml'],
  ['native/containerd.toml', 'containerd.toml'],
  ['native/cni.conflist', 'cni/10-lab.conflist'],
  ['native/Corefile', 'Corefile'],
  ['native/outside.zone', 'outside.zone'],
  ['native/cluster-dns.yaml', 'cluster-dns.yaml'],
  ['native/namespace.sh', 'namespace.sh'],
];

/** Values for the templates. */
function templateValues(layout: Layout): Record<string, string> {
  const { name, state, containers, tools } = layout;
  return { name, state, containers, tools, pauseImage, ...network };
}

/** Writes all of them; the same inputs give the same bytes. */
export async function writeConfiguration(world: LabWorld, layout: Layout): Promise<void> {
  for (const [template, target] of TEMPLATES) {
    const text = await world.files.read(join(world.resources, 'lab', template));
    await world.files.write(join(layout.config, target), fillTemplate(text, templateValues(layout)), { mode: 0o600 });
  }
}
