// The contract suite for both pairs of images, on the cluster of SIM_TEST_KUBECONFIG.
import { env } from 'node:process';
import { describe } from 'vitest';
import { hasHelm } from '../charts/render.ts';
import { imagePairContract } from './contract.ts';

const kubeconfig = env.SIM_TEST_KUBECONFIG ?? '';
const ready = env.CI !== undefined || (kubeconfig !== '' && hasHelm);
const official = env.SIM_TEST_OFFICIAL_IMAGES === '1';
const registry = 'ghcr.io/microsoft/defender-for-cloud/attacksimulation';

describe.skipIf(!ready)(
  `our images${ready ? '' : ' (skipped: set SIM_TEST_KUBECONFIG to the lab, and have helm on PATH or in SIM_HELM)'}`,
  () => {
    imagePairContract(kubeconfig, { attacker: 'simlab/attacker:1', victim: 'simlab/victim:1' }, { onLab: true });
  },
);

describe.skipIf(!official)(
  `the official images${official ? '' : ' (skipped: set SIM_TEST_OFFICIAL_IMAGES=1 where they can be pulled)'}`,
  () => {
    imagePairContract(kubeconfig, { attacker: `${registry}/attacker:latest`, victim: `${registry}/victim:latest` }, { onLab: false });
  },
);
