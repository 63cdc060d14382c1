// Which sources a command reads, and what it knows of their sensors.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sourceTypes } from '../../src/adapters/alert-sources/index.ts';
import type { SourceWorld } from '../../src/adapters/alert-sources/source-type.ts';
import { chosenSources, makeSources, withLabSensor } from '../../src/commands/chosen-sources.ts';
import type { ConfiguredSource } from '../../src/commands/configuration.ts';
import { sensorPlace } from '../../src/commands/sensor-places.ts';
import { fakeCluster } from '../fakes/cluster.ts';

const signal = new AbortController().signal;
let folder: string;
const file = () => join(folder, 'config.yaml');
const session = { env: {}, errorColour: false, stderr: () => {} };

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubesim-test-'));
  writeFileSync(
    file(),
    `apiVersion: kubesim/v1
kind: Configuration
alertSources:
  - {name: azure, type: defender-for-cloud, subscriptionId: 11111111-2222-3333-4444-555555555555}
  - {name: lab-falco, type: falco, namespace: security}
  - {name: judge, type: sensor, namespace: judges}
`,
    { mode: 0o600 },
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

const namesOf = (chosen: readonly ConfiguredSource[]) => chosen.map(({ settings }) => settings.name);
const choose = async (alerts?: string[]) =>
  namesOf(await chosenSources({ config: file(), ...(alerts === undefined ? {} : { alerts }) }, session));
const configured = (type: string, settings: object = {}): ConfiguredSource => ({
  type: sourceTypes.find((each) => each.type === type) as ConfiguredSource['type'],
  settings: { name: 'it', ...settings },
});

describe('the choice', () => {
  test('all that are configured, in their order, or those that were named, each once', async () => {
    expect(await choose()).toEqual(['azure', 'lab-falco', 'judge']);
    expect(await choose(['judge', 'azure', 'judge'])).toEqual(['judge', 'azure']);
  });

  test('none, where that is said, without a look at the configuration', async () => {
    expect(await chosenSources({ config: '/does/not/exist', alerts: ['none'] }, session)).toEqual([]);
    await expect(chosenSources({ config: file(), alerts: ['none', 'azure'] }, session)).rejects.toThrow('contradict each other');
  });

  test('an unknown name is told with those that there are', async () => {
    await expect(choose(['asure'])).rejects.toMatchObject({
      message: 'there is no alert source `asure`',
      hint: expect.stringMatching(/^did you mean `azure`\?/),
    });
    const empty = { env: { SIM_CONFIG: '', XDG_CONFIG_HOME: folder }, errorColour: false };
    await expect(chosenSources({ alerts: ['azure'] }, empty)).rejects.toMatchObject({
      hint: `${join(folder, 'kubesim', 'config.yaml')} names none`,
    });
  });
});

describe("the lab's own sensor", () => {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 's', namespace: 'kubesim-sensor', labels: { 'app.kubernetes.io/name': 'kubesim-sensor' } },
  };

  test('is read where it is installed, unless sources were named or a sensor is configured', async () => {
    const cluster = fakeCluster();
    const others = [configured('falco')];
    expect(await withLabSensor(others, {}, cluster, signal)).toBe(others);
    cluster.put(pod);
    expect(namesOf(await withLabSensor(others, {}, cluster, signal))).toEqual(['it', 'sensor']);
    expect(await withLabSensor(others, { alerts: ['it'] }, cluster, signal)).toBe(others);
    const own = [configured('sensor', { namespace: 'judges' })];
    expect(await withLabSensor(own, {}, cluster, signal)).toBe(own);
  });
});

describe('what is made of them', () => {
  test('sources with their names and products, and the sensors of those that have some', async () => {
    const chosen = await chosenSources({ config: file() }, session);
    const { sources, sensors } = makeSources(chosen, session, fakeCluster());
    expect(sources.map(({ name, product }) => `${name}: ${product}`)).toEqual([
      'azure: defender-for-cloud',
      'lab-falco: falco',
      'judge: sensor',
    ]);
    expect([...sensors.keys()]).toEqual(['azure', 'lab-falco', 'judge']);
  });

  test('a check tells no secret that a source has read', async () => {
    const talkative = {
      ...configured('webhook').type,
      create: (settings: ConfiguredSource['settings'], world: SourceWorld) => ({
        ...configured('webhook').type.create(settings, world),
        check: async () => [{ title: 'Login', result: 'ok' as const, message: `with ${await world.secret({ fromEnv: 'TOKEN' })}` }],
      }),
    };
    const world = { env: { TOKEN: 'correct-horse-battery' }, stderr: () => {} };
    const { sources } = makeSources([{ type: talkative, settings: { name: 'soc' } }], world, fakeCluster());
    expect(await sources[0]?.check(signal)).toEqual([{ title: 'Login', result: 'ok', message: 'with ***' }]);
  });

  test.each([
    ['sensor', {}, 'sensor', { namespace: 'kubesim-sensor', labelSelector: 'app.kubernetes.io/name=kubesim-sensor' }],
    ['sensor', { namespace: 'judges' }, 'sensor', { namespace: 'judges', labelSelector: 'app.kubernetes.io/name=kubesim-sensor' }],
    ['falco', { namespace: 'security' }, 'falco', { namespace: 'security', mayBeElsewhere: true }],
    ['sentinel', {}, 'defender-for-cloud', { warmUp: 900_000, daemonSets: expect.arrayContaining(['microsoft-defender-collector-ds']) }],
    ['kubernetes', { namespace: 'kube-system', labelSelector: 'app=tetragon' }, 'tetragon', { labelSelector: 'app=tetragon' }],
    ['alertmanager', {}, 'alertmanager', undefined],
  ])('%s %j: its sensors', (type, settings, product, place) => {
    const found = sensorPlace(configured(type, settings), product);
    if (place === undefined) expect(found).toBeUndefined();
    else expect(found).toMatchObject(place);
  });
});
