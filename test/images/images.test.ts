// The contract suite for both pairs of images: ours on the lab, the official one on a cluster that can pull it.
import { env } from 'node:process';
import { describe } from 'vitest';
import { describeOnLab, lab } from '../cluster/lab-under-test.ts';
import { imagePairContract } from './contract.ts';

const kubeconfig = env.SIM_TEST_KUBECONFIG ?? '';
const registry = 'ghcr.io/microsoft/defender-for-cloud/attacksimulation';

describeOnLab('our images', () => {
  const { kubeconfig, images } = lab();
  imagePairContract(kubeconfig, { attacker: images.attackerImage, victim: images.victimImage }, { onLab: true });
});

describe.skipIf(kubeconfig === '')(
  `the official images${kubeconfig === '' ? ' (skipped: set SIM_TEST_KUBECONFIG to a cluster that can pull them)' : ''}`,
  () => {
    imagePairContract(kubeconfig, { attacker: `${registry}/attacker:latest`, victim: `${registry}/victim:latest` }, { onLab: false });
  },
);
