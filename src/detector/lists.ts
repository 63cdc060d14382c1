// Programs by what they are for, under the names that conditions use. What a distribution calls them belongs here, not in the rules.

export const lists = {
  shells: ['sh', 'bash', 'dash', 'ash', 'zsh', 'ksh', 'mksh', 'fish', 'rbash', 'csh', 'tcsh'],
  interpreters: ['python', 'perl', 'ruby', 'php', 'node', 'lua', 'tclsh', 'awk', 'gawk', 'mawk'],
  /** Servers that only answer requests: they have little reason to start a shell. */
  webServers: [
    'nginx',
    'httpd',
    'apache2',
    'apache',
    'lighttpd',
    'caddy',
    'php-fpm',
    'php-cgi',
    'uwsgi',
    'gunicorn',
    'unicorn',
    'puma',
    'tomcat',
    'jetty',
    'w3wp',
  ],
  /** Runtimes of whole applications, which start helpers more often. */
  runtimes: ['java', 'node', 'python', 'ruby', 'php', 'dotnet', 'beam.smp', 'mono'],
  downloaders: ['curl', 'wget', 'wget2', 'aria2c', 'axel', 'lynx', 'links', 'w3m', 'http', 'https', 'xh', 'lwp-download', 'GET', 'tftp', 'ftp', 'scp', 'rsync', 'sftp'],
  /** What prints, searches or copies files. */
  readers: [
    'cat', 'tac', 'head', 'tail', 'less', 'more', 'nl', 'od', 'xxd', 'hexdump', 'strings', 'cut', 'sed', 'awk', 'gawk', 'mawk', 'grep', 'egrep', 'fgrep', 'zgrep', 'rg', 'ag',
    'cp', 'mv', 'dd', 'tar', 'zip', 'gzip', 'base64', 'base32', 'openssl', 'sort', 'uniq', 'rev', 'tee', 'vi', 'vim', 'nano', 'find', 'install', 'paste', 'wc', 'curl', 'wget', 'nc', 'ncat', 'socat',
  ],
  packageManagers: ['apt', 'apt-get', 'dpkg', 'dpkg-deb', 'rpm', 'yum', 'dnf', 'microdnf', 'tdnf', 'zypper', 'apk', 'pacman', 'aptitude', 'unattended-upgrade', 'unattended-upgrades'],
  buildTools: ['make', 'gmake', 'cmake', 'ninja', 'go', 'cargo', 'rustc', 'gcc', 'g++', 'cc', 'clang', 'meson', 'bazel', 'mvn', 'gradle', 'ctest', 'configure', 'debuild', 'dpkg-buildpackage', 'rpmbuild', 'node-gyp'],
  /** Programs whose business the API server and its credentials are. */
  kubeClients: ['kubectl', 'oc', 'helm', 'k9s', 'kustomize', 'flux', 'argocd', 'kubelet', 'istioctl', 'cilium', 'velero', 'terraform', 'skaffold', 'tilt', 'kubeadm', 'stern', 'kubectx'],
  /** Programs that tell about the system and its users. */
  discoveryTools: [
    'whoami', 'id', 'uname', 'hostname', 'hostnamectl', 'ps', 'df', 'mount', 'findmnt', 'env', 'printenv', 'netstat', 'ss', 'ip', 'ifconfig', 'route', 'arp', 'lscpu', 'lsblk', 'lsmod', 'lsof',
    'last', 'lastlog', 'w', 'who', 'users', 'groups', 'getent', 'uptime', 'free', 'dmesg', 'getcap', 'capsh', 'arch', 'nproc', 'lsb_release', 'crontab', 'sysctl', 'ls',
  ],
  miners: ['xmrig', 'xmrig-cuda', 'xmrigDaemon', 'xmr-stak', 'minerd', 'cpuminer', 'cpuminer-multi', 'ccminer', 'ethminer', 't-rex', 'nbminer', 'lolMiner', 'gminer', 'nanominer', 'SRBMiner-MULTI', 'teamredminer', 'cgminer', 'bfgminer', 'kdevtmpfsi', 'kinsing'],
  /** Programs that watch over, or belong to, files that hold credentials. */
  credentialOwners: ['git', 'git-credential-store', 'ssh', 'ssh-add', 'ssh-keygen', 'ssh-agent', 'ssh-copy-id', 'sshd', 'scp', 'sftp', 'aws', 'az', 'gcloud', 'gsutil', 'docker', 'podman', 'buildah', 'skopeo', 'npm', 'pip', 'psql', 'mysql', 'chmod', 'chown', 'mkdir', 'touch', 'rm', 'test', 'stat', 'ls', 'echo', 'printf'],
  scanners: ['nmap', 'masscan', 'zmap', 'zgrab', 'zgrab2', 'rustscan', 'naabu', 'fscan', 'unicornscan', 'hping3', 'nikto', 'gobuster', 'ffuf', 'sqlmap', 'nuclei', 'amass', 'kube-hunter', 'kubescape', 'arp-scan', 'nbtscan', 'dnsrecon'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** Addresses at which clouds tell a machine who it is: AWS, Azure, Google, Oracle, OpenStack; AWS by IPv6; Alibaba. */
const addresses = { metadataAddresses: ['169.254.169.254', 'fd00:ec2::254', '100.100.100.200', '169.254.170.2', '169.254.170.23'] } as const;

/** All of them, by the names that conditions use. */
export const LISTS: Readonly<Record<string, readonly string[]>> = { ...lists, ...addresses };
