// What an atomic test asks for that a plain pod, or a careful operator, may not give: told to whoever imports it.

/** Programs that do little in a pod without privilege, or reach beyond it. */
const BEYOND_A_POD =
  /(?:^|[;&|(`]|\bthen|\bdo|\belse)[ \t]*(?:sudo[ \t]+)?(systemctl|service|insmod|rmmod|modprobe|mount|umount|iptables|ufw|firewall-cmd|sysctl|docker|podman|kubectl|nsenter|auditctl|crontab|chattr)(?=\s)/gm;
const INSTALLS = /\b(?:apt|apt-get|yum|dnf|apk|zypper|pkg|pip3?|npm|gem|go)[ \t]+(?:-\S+[ \t]+)*(?:install|add)\b/;
const ADDRESS = /\b(?:https?|ftp):\/\/(?:[^\s/@'"]{1,100}@)?([A-Za-z0-9.-]{1,253})/g;
const LOCAL = /^(?:localhost|127\.[\d.]+|0\.0\.0\.0|10\.[\d.]+|192\.168\.[\d.]+)$/;

/** Sentences without a full stop, each about the test; `folder` is where the files of the atomics are looked for. */
export function needsOf(texts: readonly string[], folder: string): string[] {
  const all = texts.join('\n');
  const hosts = unique([...all.matchAll(ADDRESS)].map(([, host = '']) => host).filter((host) => host.includes('.') && !LOCAL.test(host)));
  const programs = unique([...all.matchAll(BEYOND_A_POD)].map(([, program = '']) => program));
  const files = unique(all.match(new RegExp(`${folder}/[\\w./+-]+`, 'g')) ?? []);
  return [
    ...(hosts.length === 0 ? [] : [`it names hosts of the internet: ${some(hosts)}`]),
    ...(INSTALLS.test(all) ? ['it installs packages: an image that has them needs no network'] : []),
    ...(files.length === 0 ? [] : [`it reads files that come with the atomics and are not in the pod: ${some(files)}`]),
    ...(/\bsudo\b/.test(all) ? ['it calls `sudo`, which the image must have'] : []),
    ...(programs.length === 0 ? [] : [`it calls what does little in a pod without privilege, or reaches beyond it: ${some(programs)}`]),
  ];
}

const unique = (names: readonly string[]): string[] => [...new Set(names)];

const some = (names: readonly string[]): string =>
  `${names
    .slice(0, 4)
    .map((name) => `\`${name}\``)
    .join(', ')}${names.length > 4 ? ` and ${names.length - 4} more` : ''}`;
