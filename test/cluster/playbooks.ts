// Small playbooks for tests on the lab: one pod of the victim's image that sleeps, and steps that use it.

/** A playbook around steps (YAML of list items, indented by two). */
export const playbookWith = (image: string, steps: string, pod = ''): string => `apiVersion: kubesim/v1
kind: Playbook
metadata: {name: probe, title: Probe}
steps:
  - name: Deploy a pod
    timeout: 60s
    deploy:
      manifests:
        - apiVersion: v1
          kind: Pod
          metadata: {name: probe, labels: {role: probe}}
          spec:
            terminationGracePeriodSeconds: 0
            ${pod}
            containers: [{name: main, image: "${image}", imagePullPolicy: IfNotPresent, command: [sleep, "3600"]}]
      roles: {probe: {labels: {role: probe}}}
${steps}`;

/** Deploys, then waits for an hour. */
export const waitingPlaybook = (image: string): string => playbookWith(image, '  - {name: Wait, timeout: 2h, wait: {duration: 1h}}\n');
