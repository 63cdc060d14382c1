// The frame of the step types' examples: a playbook with the simulation's attacker and victim.

/** A whole playbook around some steps (YAML list items, not indented). */
export function exampleOf(name: string, title: string, steps: string): string {
  return `# yaml-language-server: $schema=../schemas/playbook.schema.json
apiVersion: kubesim/v1
kind: Playbook
metadata: {name: ${name}, title: "${title}", description: "Shows the step \`${name}\`."}
inputs:
  attackerImage: {type: string, default: "ghcr.io/microsoft/defender-for-cloud/attacksimulation/attacker:latest", description: Image of the attacker}
  victimImage: {type: string, default: "ghcr.io/microsoft/defender-for-cloud/attacksimulation/victim:latest", description: Image of the victim}
steps:
  - name: Deploy the attacker and the victim
    deploy:
      chart: ../charts/simulation
      values:
        runId: \${{ run.id }}
        images:
          attacker: {repository: "\${{ inputs.attackerImage }}", tag: ''}
          victim: {repository: "\${{ inputs.victimImage }}", tag: ''}
        webShell: {token: "\${{ run.token }}"}
      roles: {attacker: {labels: {role: attacker}}, victim: {labels: {role: victim}}}
${steps.trim().replace(/^/gm, '  ').replace(/^ +$/gm, '')}
`;
}
