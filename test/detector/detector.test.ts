// The engine with rules of its own: single observations, thresholds, sequences, and what it remembers.
import { describe, expect, test } from 'vitest';
import { alertOf } from '../../src/detector/alert.ts';
import type { Detection, TestEvent } from '../../src/detector/detection.ts';
import { createDetector } from '../../src/detector/detector.ts';
import { observationsOf } from '../../src/detector/test-events.ts';
import { openWindows } from '../../src/detector/windows.ts';

const rule = (more: Partial<Detection>): Detection => ({
  title: 'A rule',
  id: '00000000-0000-4000-8000-000000000000',
  name: 'a-rule',
  status: 'test',
  description: 'x',
  references: [],
  tags: ['attack.t1046', 'attack.discovery'],
  logsource: { product: 'linux', category: 'process_creation' },
  level: 'high',
  falsepositives: [],
  alert: 'network-scanning-tool',
  pyramid: { level: 3, because: 'x' },
  tests: { detects: [], ignores: [] },
  ...more,
});

const run = (detection: Detection, events: TestEvent[]) => {
  const detector = createDetector([detection]);
  return observationsOf(events).map((observation) => detector.observe(observation).length);
};

describe('a condition', () => {
  test('is asked of its kind of observation only', () => {
    const named = rule({ condition: 'process.names.exists(n, n == "nmap")' });
    expect(run(named, [{ argv: ['nmap'] }, { argv: ['nmap'], path: '/x' }, { argv: ['ls'] }])).toEqual([1, 0, 0]);
  });

  test.each([
    [['/usr/sbin/php-fpm8.2'], '/usr/sbin/php-fpm8.2', ['php-fpm8.2', 'php-fpm']],
    [['php-fpm: pool www'], '/usr/sbin/php-fpm8.2', ['php-fpm8.2', 'php-fpm']],
    [['-bash'], '/bin/bash', ['bash']],
    [['busybox', 'wget'], '/bin/busybox', ['busybox', 'wget']],
    [['/sbin/modprobe', 'msr'], '/usr/bin/kmod', ['kmod', 'modprobe']],
    [['python3.11', 'x.py'], '/usr/bin/python3.11', ['python3.11', 'python']],
  ])('knows %j by its names', (argv, executable, names) => {
    for (const name of names)
      expect(run(rule({ condition: `process.names.exists(n, n == "${name}")` }), [{ argv, executable }])).toEqual([1]);
  });

  test('one that cannot be evaluated is told, and finds nothing', () => {
    const detector = createDetector([rule({ condition: 'process.args[5] == "x"' })]);
    expect(observationsOf([{ argv: ['ls'] }]).flatMap((each) => detector.observe(each))).toEqual([]);
    expect([...detector.failures().keys()]).toEqual(['a-rule']);
  });
});

describe('a threshold', () => {
  const threshold = { count: 3, distinct: 'process.names[0]', within: 10_000, by: 'container' } as const;
  const burst = rule({ condition: 'size(process.args) == 0', threshold });

  test('counts different values, and tells a burst once', () => {
    const names = ['a', 'a', 'b', 'c', 'd', 'e', 'f', 'g'];
    expect(
      run(
        burst,
        names.map((name) => ({ argv: [name] })),
      ),
    ).toEqual([0, 0, 0, 1, 0, 0, 0, 0]);
  });

  test('after the window the next burst is told', () => {
    const events = ['a', 'b', 'c', 'a', 'b', 'c'].map((name, index) => ({ argv: [name], at: index < 3 ? index : 20 + index }));
    expect(run(burst, events)).toEqual([0, 0, 1, 0, 0, 1]);
  });

  test('what is older than the window does not count, nor what is in another container', () => {
    expect(
      run(burst, [
        { argv: ['a'], at: 0 },
        { argv: ['b'], at: 1 },
        { argv: ['c'], at: 10.5 },
      ]),
    ).toEqual([0, 0, 0]);
    expect(
      run(burst, [
        { argv: ['a'], pod: 'x' },
        { argv: ['b'], pod: 'y' },
        { argv: ['c'], pod: 'z' },
      ]),
    ).toEqual([0, 0, 0]);
  });

  test('without distinct values each observation counts', () => {
    const { distinct: _, ...plain } = threshold;
    expect(run(rule({ condition: 'true', threshold: plain }), [{ argv: ['a'] }, { argv: ['a'] }, { argv: ['a'] }])).toEqual([0, 0, 1]);
  });
});

describe('a sequence', () => {
  const sequence: Detection['sequence'] = {
    within: 10_000,
    by: 'container',
    steps: [
      { condition: 'process.names.exists(n, n == "curl")', key: 'fileNames' },
      { condition: 'drift', key: 'process.names' },
    ],
  };
  const download = rule({ sequence });

  test('needs its steps in their order, with something in common', () => {
    const get = { argv: ['curl', '-O', 'http://a/tool'] };
    const start = { argv: ['./tool'], executable: '/tool', drift: true };
    expect(run(download, [get, start])).toEqual([0, 1]);
    expect(run(download, [start, get])).toEqual([0, 0]);
    expect(run(download, [get, { ...start, argv: ['./other'], executable: '/other' }])).toEqual([0, 0]);
    expect(run(download, [get, { ...start, pod: 'other' }])).toEqual([0, 0]);
    expect(
      run(download, [
        { ...get, at: 0 },
        { ...start, at: 11 },
      ]),
    ).toEqual([0, 0]);
    expect(run(download, [get, { argv: ['ls'] }, { argv: ['curl', 'http://b/x'] }, start, start])).toEqual([0, 0, 0, 1, 0]);
  });

  test('one observation is not two of its steps', () => {
    const steps = [{ condition: 'process.names.exists(n, n == "a")' }, { condition: 'size(process.names) > 0' }];
    expect(run(rule({ sequence: { within: 1000, by: 'container', steps } }), [{ argv: ['a'] }, { argv: ['b'] }])).toEqual([0, 1]);
  });

  test('the finding holds its observations, the deciding one last', () => {
    const detector = createDetector([download]);
    const events = observationsOf([
      { argv: ['curl', 'http://a/tool'] },
      { argv: ['./tool', 'sim-ab1'], executable: '/tool', drift: true, ancestors: [['bash'], ['sshd']] },
    ]);
    const [finding] = events.flatMap((each) => detector.observe(each));
    if (finding === undefined) throw new Error('nothing was found');
    expect(finding.observations).toEqual(events);
    expect(finding.time).toBe(events[1]?.time);
    const [first] = events;
    const started = first?.kind === 'process' ? first.process.startedAt : undefined;
    expect(started).toBeTypeOf('number');
    expect(alertOf(finding, { source: 'lab', seen: 5 })).toMatchObject({
      source: 'lab',
      product: 'sensor',
      name: 'A rule',
      severity: 'high',
      techniques: ['T1046'],
      times: { first: first?.time, last: events[1]?.time, started, seen: 5 },
      entities: {
        namespace: 'shop',
        pod: 'web',
        containerId: 'id-of-web',
        commandLines: ['./tool sim-ab1', 'bash', 'sshd', 'curl http://a/tool'],
      },
    });
  });
});

describe('what is remembered', () => {
  test('is bounded in number and in time, and what is forgotten too early is counted', () => {
    const windows = openWindows(1000, () => ({ hits: 0 }));
    for (let group = 0; group < 5010; group++) windows.of(`g${group}`, group / 100).hits++;
    expect(windows.forgotten()).toBe(10);
    expect(windows.of('g0', 60).hits).toBe(0);
    expect(windows.of('g5009', 60).hits).toBe(1);
    const before = windows.forgotten();
    windows.of('late', 5000);
    expect(windows.forgotten()).toBe(before);
    expect(windows.of('g5009', 5000).hits).toBe(0);
  });
});

test('an audit alert is about its user and object', () => {
  const audit = rule({
    logsource: { product: 'kubernetes', category: 'audit' },
    condition: 'resource == "pods/exec" && action == "connect"',
  });
  const [event] = observationsOf([
    {
      verb: 'get',
      resource: 'pods/exec',
      namespace: 'shop',
      name: 'web',
      user: 'alice',
      impersonates: 'system:serviceaccount:shop:x',
      code: 101,
    },
  ]);
  const [finding] = event === undefined ? [] : createDetector([audit]).observe(event);
  if (finding === undefined) throw new Error('nothing was found');
  const { id, entities } = alertOf(finding, { source: 'sensor', seen: 1 });
  expect(id).toBe('a-rule-event-0-ResponseComplete');
  expect(entities).toEqual({ node: 'node', namespace: 'shop', pod: 'web', user: 'system:serviceaccount:shop:x', commandLines: [] });
});
