// What containers do all day that is no attack: generated from patterns of ordinary workloads, the same for the same seed.
import type { Observation, ObservedContainer, ObservedProcess } from '../../../src/ports/observations.ts';

/** A program of a workload: argv, what started it (nearest first), and whether its file was written in the container. */
interface Execution {
  argv: string[];
  parents?: string[][];
  executable?: string;
  drift?: boolean;
  uid?: number;
}

interface Opening {
  path: string;
  access: 'read' | 'write';
  argv: string[];
  parents?: string[][];
}

interface Connecting {
  address: string;
  port: number;
  argv: string[];
  parents?: string[][];
  /** Seconds since the process was started. */
  age?: number;
}

type Event = Execution | Opening | Connecting;

interface Chance {
  /** A whole number below the limit. */
  below(limit: number): number;
  pick<T>(items: readonly T[]): T;
  /** Some letters and digits. */
  word(): string;
}

/** By its name, one round of what a workload does. */
export const workloads: Readonly<Record<string, (chance: Chance) => Event[]>> = {
  'web application with helpers': ({ below, pick, word }) => {
    const server = [['php-fpm: pool www'], ['php-fpm: master process (/etc/php/8.2/fpm/php-fpm.conf)']];
    const picture = `/srv/uploads/${word()}.${pick(['jpg', 'png', 'webp'])}`;
    const helper = pick([
      ['convert', picture, '-resize', `${100 + below(900)}x`, picture.replace('.', '-small.')],
      ['/usr/sbin/sendmail', '-t', '-i'],
      ['git', 'rev-parse', '--short', 'HEAD'],
      ['pdftotext', '-layout', `/srv/uploads/${word()}.pdf`, '-'],
      ['ffmpeg', '-i', `/srv/uploads/${word()}.mp4`, '-vframes', '1', `/tmp/${word()}.jpg`],
      ['wkhtmltopdf', '--quiet', `http://localhost/invoice/${below(100_000)}`, `/tmp/${word()}.pdf`],
      ['gs', '-q', '-dNOPAUSE', '-sDEVICE=png16m', `/srv/uploads/${word()}.pdf`],
    ]);
    const shell = ['sh', '-c', helper.join(' ')];
    return [
      { argv: shell, parents: server, uid: 33 },
      { argv: helper, parents: [shell, ...server], uid: 33 },
    ];
  },
  'package installation': ({ pick, word }) => {
    const name = pick(['ca-certificates', 'tzdata', 'jq', 'libpq5', 'nginx', 'openssh-client', 'less']);
    const apt = [
      ['apt-get', 'install', '-y', '--no-install-recommends', name],
      ['bash', '/docker-entrypoint.sh'],
    ];
    const dpkg = [['/usr/bin/dpkg', '--status-fd', '10', '--configure', '--pending'], ...apt];
    const script = ['/bin/sh', `/var/lib/dpkg/info/${name}.postinst`, 'configure', ''];
    return [
      { argv: apt[0] as string[], parents: apt.slice(1) },
      { argv: ['/usr/lib/apt/methods/http'], parents: apt },
      { argv: ['/usr/bin/dpkg', '--print-foreign-architectures'], parents: apt },
      { argv: ['dpkg-deb', '--fsys-tarfile', `/var/cache/apt/archives/${name}_${word()}_amd64.deb`], parents: dpkg },
      { argv: ['tar', '-x', '-f', '-', '--warning=no-timestamp'], parents: dpkg },
      { argv: script, parents: dpkg },
      { argv: ['useradd', '--system', '--home-dir', '/nonexistent', name], parents: [script, ...dpkg] },
      { argv: ['update-ca-certificates'], executable: '/usr/sbin/update-ca-certificates', drift: true, parents: [script, ...dpkg] },
      { argv: ['chmod', '0640', '/var/log/apt/term.log'], parents: [script, ...dpkg] },
      { argv: ['rm', '-f', '/var/log/dpkg.log.tmp'], parents: [script, ...dpkg] },
      { argv: ['ldconfig'], parents: dpkg },
      { argv: ['touch', '-r', '/usr/share/zoneinfo', '/etc/localtime.new'], parents: [script, ...dpkg] },
      { path: '/etc/passwd', access: 'write', argv: ['useradd', '--system', name], parents: [script, ...dpkg] },
    ];
  },
  'pipeline job': ({ below, pick, word }) => {
    const step = ['bash', '-e', `/builds/tmp/step_script_${below(1000)}`];
    const npm = ['node', '/usr/local/bin/npm', 'run', pick(['lint', 'test', 'build'])];
    const go = ['go', 'test', './...'];
    const make = ['make', '-j4', 'all'];
    return [
      { argv: ['git', 'clone', '--depth=1', `https://git.example.com/team/${word()}.git`], parents: [step] },
      { argv: ['git-remote-https', 'origin', `https://git.example.com/team/${word()}.git`], parents: [['git', 'clone'], step] },
      { argv: ['node', '/usr/local/bin/npm', 'ci'], parents: [step] },
      { argv: ['sh', '-c', 'node-gyp rebuild'], parents: [['node', '/usr/local/bin/npm', 'ci'], step] },
      { argv: ['sh', '-c', pick(['eslint . && tsc --noEmit', 'vitest run --coverage', 'vite build'])], parents: [npm, step] },
      { argv: [`/tmp/go-build${below(10_000)}/b001/x.test`, '-test.timeout=10m'], drift: true, parents: [go, step] },
      { argv: ['gcc', '-O2', '-c', `${word()}.c`], parents: [make, step] },
      { argv: ['uname', '-m'], parents: [['sh', './configure'], make] },
      { argv: ['touch', '-r', 'conf.in', 'conf'], parents: [make, step] },
      { argv: ['curl', '-sSf', '-X', 'POST', '-d', `{"id":${below(1000)}}`, 'https://ci.example.com/api/v4/jobs'], parents: [step] },
      { argv: ['tar', '-czf', `/builds/artifacts/${word()}.tgz`, 'dist'], parents: [step] },
      { argv: ['rm', '-rf', 'node_modules', 'dist'], parents: [step] },
      { argv: ['ssh', '-p', '22', 'git@git.example.com'], parents: [['git', 'push'], step] },
      { path: '/root/.ssh/id_ed25519', access: 'read', argv: ['ssh', 'git@git.example.com'], parents: [['git', 'push'], step] },
      { argv: ['chmod', '600', '/root/.ssh/id_ed25519'], parents: [step] },
      ...Array.from(
        { length: 12 },
        (_, index): Event => ({ address: `203.0.113.${index % 5}`, port: 443, argv: ['node', 'npm', 'ci'], parents: [step] }),
      ),
    ];
  },
  'people with kubectl': ({ below, pick, word }) => {
    const shell = ['-bash'];
    return [
      { argv: ['kubectl', 'get', pick(['pods', 'deployments', 'events', 'nodes']), '-n', word(), '-o', 'wide'], parents: [shell] },
      { argv: ['kubectl', '--kubeconfig', '/root/.kube/config', 'apply', '-f', `${word()}.yaml`], parents: [shell] },
      { argv: ['kubectl', 'logs', `deploy/${word()}`, `--tail=${below(500)}`], parents: [shell] },
      { argv: ['helm', 'upgrade', '--install', word(), './chart'], parents: [shell] },
      { argv: ['jq', '-r', '.items[].metadata.name'], parents: [shell] },
      { argv: ['grep', '-v', pick(['Running', 'Completed'])], parents: [shell] },
      { path: '/root/.kube/config', access: 'read', argv: ['kubectl', 'get', 'pods'], parents: [shell] },
    ];
  },
  controller: ({ below, pick }) => [
    { argv: [pick(['/manager', '/controller', '/coredns', '/metrics-server']), '--leader-elect', `--v=${below(4)}`], uid: 65532 },
    { path: '/run/secrets/kubernetes.io/serviceaccount/token', access: 'read', argv: ['/manager'] },
    ...Array.from(
      { length: 40 },
      (_, index): Event => ({ address: `10.1.${below(4)}.${index}`, port: 8080, argv: ['/manager'], age: 60 + below(10_000) }),
    ),
    { address: '169.254.169.254', port: 80, argv: ['/manager'], age: below(10_000) },
  ],
  backup: ({ below, word }) => {
    const script = ['bash', '/usr/local/bin/backup.sh'];
    const file = `/backups/db-2026-0${1 + below(9)}-${10 + below(18)}.sql.gz`;
    return [
      { argv: script },
      { argv: ['pg_dump', '-h', 'db', '-U', 'shop', 'shop'], parents: [script] },
      { argv: ['gzip', '-9'], parents: [script] },
      { argv: ['tar', '-czf', `/backups/files-${word()}.tgz`, '/srv'], parents: [script] },
      { argv: ['aws', 's3', 'cp', file, 's3://backups/'], parents: [script] },
      { path: '/root/.aws/credentials', access: 'read', argv: ['aws', 's3', 'cp'], parents: [script] },
      { argv: ['sha256sum', file], parents: [script] },
      { argv: ['find', '/backups', '-name', '*.gz', '-mtime', '+14', '-delete'], parents: [script] },
      { argv: ['rm', file], parents: [script] },
    ];
  },
  database: ({ below, pick }) => {
    const entry = ['bash', '/usr/local/bin/docker-entrypoint.sh', 'postgres'];
    return [
      { argv: entry },
      { argv: ['id', '-u'], parents: [entry] },
      { argv: ['mkdir', '-p', '/var/lib/postgresql/data'], parents: [entry] },
      { argv: ['chown', '-R', 'postgres', '/var/lib/postgresql/data'], parents: [entry] },
      { argv: ['find', '/var/lib/postgresql/data', '!', '-user', 'postgres', '-exec', 'chown', 'postgres', '{}', '+'], parents: [entry] },
      { argv: ['initdb', '--username=postgres', '--pwfile=/dev/fd/63'], parents: [entry] },
      { argv: ['psql', '-v', 'ON_ERROR_STOP=1', '--no-psqlrc', '-U', 'postgres', '-d', pick(['postgres', 'shop'])], parents: [entry] },
      { argv: ['postgres', '-c', `max_connections=${100 + below(400)}`], uid: 999 },
      { argv: ['sh', '-c', `pg_isready -U shop -t ${1 + below(9)}`] },
      { argv: ['pg_isready', '-U', 'shop'], parents: [['sh', '-c', 'pg_isready -U shop']] },
    ];
  },
  probes: ({ below, pick, word }) => {
    const command = pick([
      `curl -fs http://localhost:${8000 + below(999)}/healthz`,
      `wget -q --spider http://127.0.0.1:${8000 + below(999)}/ready || exit 1`,
      'test -f /tmp/healthy',
      'nc -z localhost 6379',
      'redis-cli ping | grep PONG',
      `echo > /dev/tcp/localhost/${below(9999)}`,
      'cat /tmp/healthy',
      'mysqladmin ping -h 127.0.0.1 -u root',
    ]);
    return [
      { argv: [pick(['sh', 'bash']), '-c', command] },
      { argv: command.split(' ').slice(0, 4), parents: [['sh', '-c', command]] },
      { argv: ['/bin/grpc_health_probe', `-addr=:${5000 + below(999)}`, `-service=${word()}`] },
    ];
  },
  cron: ({ below, pick, word }) => {
    const cron = ['/usr/sbin/cron', '-f'];
    const shell = ['/bin/sh', '-c', 'cd / && run-parts --report /etc/cron.hourly'];
    return [
      { argv: shell, parents: [cron] },
      { argv: ['run-parts', '--report', '/etc/cron.hourly'], parents: [shell, cron] },
      { argv: ['/bin/sh', `/etc/cron.daily/${pick(['dpkg', 'man-db', 'apt-compat'])}`], parents: [['run-parts'], shell, cron] },
      { argv: ['find', '/tmp', '-type', 'f', '-mtime', `+${1 + below(9)}`, '-delete'], parents: [shell, cron] },
      { argv: ['touch', `/var/lib/${word()}/stamp`], parents: [shell, cron] },
      { argv: ['php', '/srv/artisan', 'schedule:run'], parents: [shell, cron], uid: 33 },
      { argv: ['sh', '-c', "'/usr/bin/php8.2' artisan queue:work"], parents: [['php', '/srv/artisan'], shell, cron], uid: 33 },
      { path: '/var/log/cron.log', access: 'write', argv: shell, parents: [cron] },
    ];
  },
  'log rotation': ({ below, pick }) => {
    const rotate = [
      ['/usr/sbin/logrotate', '/etc/logrotate.conf'],
      ['/bin/sh', '/etc/cron.daily/logrotate'],
      ['cron', '-f'],
    ];
    const log = pick(['/var/log/nginx/access.log', '/var/log/syslog', '/var/log/app/app.log']);
    return [
      { argv: rotate[0] as string[], parents: rotate.slice(1) },
      { argv: ['/bin/gzip'], parents: rotate },
      { argv: ['sh', '-c', `[ -s /run/nginx.pid ] && kill -USR1 $(cat /run/nginx.pid)`, 'logrotate_script', log], parents: rotate },
      { argv: ['mv', log, `${log}.1`], parents: rotate },
      { argv: ['rm', '-f', `${log}.${2 + below(9)}.gz`], parents: [['sh', 'clean.sh']] },
      { path: log, access: 'write', argv: rotate[0] as string[], parents: rotate.slice(1) },
      { path: '/var/log/syslog', access: 'write', argv: ['rsyslogd', '-n'] },
    ];
  },
  'Java server': ({ below, pick }) => {
    const java = ['java', '-Xmx512m', '-jar', '/app/app.jar'];
    return [
      { argv: java },
      { argv: ['sh', '-c', pick(['df -P /data', 'ulimit -n', 'stat -c %s /data/index'])], parents: [java] },
      { argv: ['df', '-P', '/data'], parents: [['sh', '-c', 'df -P /data'], java] },
      { argv: ['jcmd', '1', 'GC.heap_info'], parents: [['sh']] },
      { address: `10.2.0.${below(20)}`, port: 5432, argv: java, age: 30 + below(9999) },
      { address: '169.254.169.254', port: 80, argv: java, age: below(9999) },
    ];
  },
  'data science': ({ below, word }) => {
    const pip = ['python3', '-m', 'pip', 'install', '-r', 'requirements.txt'];
    return [
      { argv: pip, parents: [['bash', 'run.sh']] },
      { argv: ['gcc', '-fPIC', '-c', `${word()}.c`], parents: [['python3', 'setup.py', 'build_ext'], pip] },
      { argv: ['uname', '-p'], parents: [pip] },
      { argv: ['python3', 'train.py', '--epochs', String(below(100)), '--data', `s3://data/${word()}`], parents: [['bash', 'run.sh']] },
      { argv: ['nvidia-smi', '--query-gpu=memory.used', '--format=csv'], parents: [['python3', 'train.py']] },
      {
        argv: [
          'python3',
          '-c',
          `from multiprocessing.spawn import spawn_main; spawn_main(tracker_fd=${below(40)}, pipe_handle=${below(40)})`,
          '--multiprocessing-fork',
        ],
        parents: [['python3', 'train.py']],
      },
      { argv: ['node', '-e', `console.log(require("./package.json").version)`], parents: [['bash', 'run.sh']] },
    ];
  },
  'monitoring agent': ({ below, pick }) => {
    const agent = ['/usr/bin/telegraf', '--config', '/etc/telegraf.conf'];
    return [
      { argv: ['df', '-P', '-T'], parents: [agent] },
      { argv: ['ps', '-eo', 'pid,comm,rss'], parents: [agent] },
      { argv: ['sh', '-c', `cat /proc/loadavg | awk '{print $${1 + below(3)}}'`], parents: [agent] },
      { argv: ['cat', '/proc/loadavg'], parents: [['sh', '-c', 'cat /proc/loadavg'], agent] },
      { argv: ['awk', '{print $1}'], parents: [['sh', '-c', 'cat /proc/loadavg'], agent] },
      { argv: ['smartctl', '--scan', pick(['-j', '--json'])], parents: [agent] },
      ...Array.from(
        { length: 30 },
        (_, index): Event => ({ address: `10.3.0.${index}`, port: 9100, argv: ['/bin/prometheus'], age: below(10_000) }),
      ),
    ];
  },
  'people who look for a fault': ({ below, pick, word }) => {
    const shell = ['bash'];
    return [
      { argv: shell },
      { argv: ['ls', '-la', pick(['/srv', '/var/log', '/tmp'])], parents: [shell] },
      { argv: ['cat', `/etc/${pick(['hosts', 'resolv.conf', 'os-release', 'nginx/nginx.conf'])}`], parents: [shell] },
      { argv: ['tail', '-n', String(below(500)), '/var/log/app.log'], parents: [shell] },
      { argv: ['ps', 'aux'], parents: [shell] },
      { argv: ['curl', '-v', `http://${word()}:8080/`], parents: [shell] },
      { argv: ['find', '/srv', '-name', `*${word()}*`], parents: [shell] },
      { argv: ['nslookup', `${word()}.default.svc.cluster.local`], parents: [shell] },
      { address: '10.1.0.9', port: 8080, argv: ['curl', '-v'], parents: [shell] },
    ];
  },
};

/** Observations without end, about a hundred in a second of their time; each round of a workload happens in a pod of its own kind. */
export function* benign(seed: number): Generator<Observation & { workload: string }> {
  const chance = chanceOf(seed);
  const names = Object.keys(workloads);
  let time = Date.UTC(2026, 0, 1);
  let pid = 1000;
  for (;;) {
    const workload = chance.pick(names);
    const pod = `${workload.replace(/\W+/g, '-').toLowerCase()}-${chance.below(4)}`;
    const where: ObservedContainer = {
      node: 'node',
      namespace: 'work',
      pod,
      podUid: `uid-${pod}`,
      container: 'main',
      containerId: `${pod}-0123456789ab`,
    };
    for (const event of workloads[workload]?.(chance) ?? []) {
      time += chance.below(20);
      pid++;
      const started = time - ('age' in event ? (event.age ?? 0) * 1000 : 0);
      const uid = 'uid' in event ? event.uid : 0;
      const processOf = (argv: string[], id: number, file?: string): ObservedProcess => ({
        pid: id,
        executable: file ?? fileOf(argv),
        arguments: argv,
        ...(uid === undefined ? {} : { uid }),
        startedAt: started,
      });
      const base = {
        workload,
        time,
        where,
        process: processOf(event.argv, pid, 'executable' in event ? event.executable : undefined),
        ancestors: (event.parents ?? []).map((argv, depth) => processOf(argv, 900 - depth)),
      };
      if ('path' in event) yield { kind: 'file', path: event.path, access: event.access, ...base };
      else if ('address' in event) yield { kind: 'connection', address: event.address, port: event.port, protocol: 'tcp', ...base };
      else yield { kind: 'process', drift: event.drift ?? false, ...base };
    }
  }
}

const fileOf = ([first = '']: readonly string[]): string =>
  first.startsWith('/') ? first : `/usr/bin/${first.replace(/: .*$/, '').replace(/^-/, '').split('/').at(-1)}`;

/** Mulberry32. */
function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    below,
    pick: (items) => items[below(items.length)] as (typeof items)[number],
    word: () => Array.from({ length: 3 + below(8) }, () => 'abcdefghijklmnopqrstuvwxyz0123456789'[below(36)]).join(''),
  };
}
