// What `sim new` writes: whole playbooks that lint clean as they are, to be changed into what their author means.
import type { AlertEntry } from '../alerts/catalogue.ts';

/** What every new playbook has of its own. */
export interface NewPlaybook {
  name: string;
  /** Path or address of the schema, for editors. */
  schema: string;
}

export interface Template {
  summary: string;
  /** Whether it deploys ../charts/simulation, the attacker and victim that come with sim. */
  simulation: boolean;
  text(playbook: NewPlaybook): string;
}

const head = ({ name, schema }: NewPlaybook, title: string, description: string): string => `# yaml-language-server: $schema=${schema}
apiVersion: kubesim/v1
kind: Playbook
metadata:
  name: ${name}
  title: ${quoted(title)}
  description: ${quoted(description)}
  risk: low
`;

/** JSON's quotes are YAML's, too. */
const quoted = (content: string): string => JSON.stringify(content);

/** "web-shell-on-nginx" as a title. */
const titleOf = (name: string): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}`.replaceAll('-', ' ');

const IMAGE_INPUTS = `inputs:
  attackerImage: {type: string, default: "ghcr.io/microsoft/defender-for-cloud/attacksimulation/attacker:latest", description: Image of the attacker}
  victimImage: {type: string, default: "ghcr.io/microsoft/defender-for-cloud/attacksimulation/victim:latest", description: Image of the victim}
`;

const SIMULATION = `  - name: Deploy the attacker and the victim
    deploy:
      chart: ../charts/simulation
      values:
        runId: \${{ run.id }}
        images:
          attacker: {repository: "\${{ inputs.attackerImage }}", tag: ''}
          victim: {repository: "\${{ inputs.victimImage }}", tag: ''}
        webShell: {token: "\${{ run.token }}"}
      roles: {attacker: {labels: {role: attacker}}, victim: {labels: {role: victim}}}
`;

const POD_INPUT = `inputs:
  image: {type: string, default: "docker.io/library/busybox:1.37.0", description: "Image of the victim; it needs a shell"}
`;

const POD = `  - name: Deploy the victim
    deploy:
      manifests:
        - apiVersion: v1
          kind: Pod
          metadata: {name: victim, labels: {role: victim}}
          spec:
            terminationGracePeriodSeconds: 0
            containers: [{name: victim, image: "\${{ inputs.image }}", command: [sleep, infinity]}]
      roles: {victim: {labels: {role: victim}}}
`;

/** By the name that \`sim new --template\` takes. */
export const templates: Readonly<Record<string, Template>> = {
  minimal: {
    summary: 'one pod, one attack, one expected alert',
    simulation: false,
    text: (playbook) => `${head(playbook, titleOf(playbook.name), 'Say what the attacker does, and what should be seen.')}${POD_INPUT}steps:
${POD}  - name: Search for credentials of Git
    id: search
    attack: [T1552.001]
    exec:
      pod: victim
      command: [find, /home, -name, .git-credentials]
      # What proves that the attack took effect.
      expect: {exitCode: 0}
  - expect-alert: {alert: sensitive-files-access, of: search}
`,
  },
  exec: {
    summary: 'commands in the victim, the second of which uses what the first one printed',
    simulation: true,
    text: (playbook) =>
      `${head(playbook, titleOf(playbook.name), 'The attacker has a shell in the victim and looks around.')}${IMAGE_INPUTS}steps:
${SIMULATION}  - name: Scan the service network for port 443
    id: scan
    attack: [T1046]
    timeout: 2m
    exec:
      pod: victim
      command: [nmap, --unprivileged, -Pn, --open, kubernetes.default/24, -p, 443]
      expect: {stdout: {contains: "443/tcp open"}}
  - expect-alert: {alert: network-scanning-tool, of: scan}
  - name: Count the open ports
    exec: {pod: victim, command: [grep, -c, open], stdin: "\${{ steps.scan.stdout }}", expect: {stdout: {matches: "^[1-9]"}}}
`,
  },
  'web-shell': {
    summary: 'the attacker runs a command through a web shell on the victim',
    simulation: true,
    text: (playbook) =>
      `${head(playbook, titleOf(playbook.name), 'The attacker runs a command through a web shell on the victim.')}${IMAGE_INPUTS}steps:
${SIMULATION}  - name: Ask who the web server runs as
    id: whoami
    attack: [T1505.003, T1059.004, T1033]
    timeout: 30s
    curl:
      pod: attacker
      url: http://victim/ws.php
      # The marker in the command line tells this run's alerts from those of others.
      query: {cmd: "whoami # \${{ run.marker }}"}
      headers: {X-Sim-Token: "\${{ run.token }}"}
      expect: {status: 200, body: {contains: nginx}}
  - expect-alert: {alert: web-shell-activity, of: whoami}
`,
  },
  'control-plane': {
    summary: "a pod uses its service account's rights against the Kubernetes API",
    simulation: false,
    text: (playbook) =>
      `${head(playbook, titleOf(playbook.name), 'A pod lists the secrets of its namespace with the rights of its service account.')}inputs:
  image: {type: string, default: "ghcr.io/microsoft/defender-for-cloud/attacksimulation/attacker:latest", description: "Image with curl"}
steps:
  - name: Deploy a pod whose service account may list secrets
    deploy:
      manifests:
        - {apiVersion: v1, kind: ServiceAccount, metadata: {name: operator}}
        - apiVersion: rbac.authorization.k8s.io/v1
          kind: Role
          metadata: {name: operator}
          rules: [{apiGroups: [""], resources: [secrets], verbs: [list]}]
        - apiVersion: rbac.authorization.k8s.io/v1
          kind: RoleBinding
          metadata: {name: operator}
          roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: operator}
          subjects: [{kind: ServiceAccount, name: operator, namespace: "\${{ run.namespace }}"}]
        - apiVersion: v1
          kind: Pod
          metadata: {name: operator, labels: {role: operator}}
          spec:
            serviceAccountName: operator
            terminationGracePeriodSeconds: 0
            containers: [{name: operator, image: "\${{ inputs.image }}", command: [sleep, infinity]}]
      roles: {operator: {labels: {role: operator}}}
  - name: List the secrets of the namespace
    id: secrets
    attack: [T1552.007]
    timeout: 30s
    exec:
      pod: operator
      # Neither the token nor a secret leaves the pod: only the status is printed.
      shell: |
        account=/var/run/secrets/kubernetes.io/serviceaccount
        curl -s -o /dev/null -w '%{http_code}' --cacert $account/ca.crt -H "Authorization: Bearer $(cat $account/token)" \\
          "https://kubernetes.default.svc/api/v1/namespaces/$(cat $account/namespace)/secrets"
      expect: {stdout: "200"}
  - expect-alert: {alert: suspicious-service-account-operation, of: secrets}
`,
  },
};

/** A playbook for an alert of the catalogue: its techniques and its expectation are there, the attack is still to be written. */
export function alertTemplate({ id, title, description, attack }: AlertEntry): Template {
  return {
    summary: `for the alert ${id}`,
    simulation: false,
    text: (playbook) => `${head(playbook, title, description)}${POD_INPUT}steps:
${POD}  - name: ${quoted(title)}
    id: attack
    attack: [${attack.join(', ')}]
    exec:
      pod: victim
      # Put here what should raise the alert, harmless, and what it prints when it took effect.
      command: [id]
      expect: {stdout: {contains: uid=}}
  - expect-alert: {alert: ${id}, of: attack}
`,
  };
}
