// An expression inside the text of a script: its value is read by the shell as part of the program.
import { parseCel } from '../language/cel.ts';
import type { Playbook } from '../language/playbook.ts';
import { isOneExpression } from '../language/template.ts';
import { expressionsIn, scriptsIn } from './body.ts';
import type { Rule } from './rule.ts';

export const shellInjection: Rule = {
  id: 'shell-injection',
  severity: 'warning',
  eachStep: true,
  security: true,
  summary: 'A script does not splice in values that a run is given or that a pod has answered.',
  why: `\`\${{ }}\` is replaced before the shell reads the script. A value with a quote, a space or a \`;\` in it then is part of the program: a scan of \`10.0.0.1; id\` runs \`id\`. What a pod answered is the worst of it, because the pod was attacked.

Give the value apart from the script: as an argument (\`command: [sh, -c, 'nmap "$1"', sh, "\${{ inputs.host }}"]\`), on standard input, or encoded (\`echo \${{ base64(inputs.host) }} | base64 -d\`). Facts of the run, numbers, \`true\` and \`false\`, durations and enums cannot break out and are left alone.`,
  check(playbook, context) {
    return scriptsIn(playbook, context).flatMap(({ path, value, interpreter }) => {
      // A template may be there to run a script that it is given: whoever gives it is told what is spliced in.
      const isGiven = playbook.kind === 'StepTemplate' && isOneExpression(value.trimEnd());
      return expressionsIn(value).flatMap(({ expression, start, end }) => {
        const name = isHarmless(expression) ? undefined : openValue(expression, playbook.inputs, isGiven);
        if (name === undefined) return [];
        const message = `${interpreter === undefined ? 'the shell' : `\`${interpreter}\``} reads the value of \`${name}\` as part of the script`;
        const hint = 'give it as an argument, in the environment or on standard input, or encode it with `base64(...)`';
        return [{ path, within: { start, end }, message, hint }];
      });
    });
  },
};

/** Whole expressions whose text holds nothing that a shell could take for more than a word. */
const isHarmless = (expression: string): boolean =>
  /^\s*(?:base64|int|double|size)\((?:[^()]|\([^()]*\))*\)\s*$|\.size\(\)\s*$/.test(expression);

const WORDS = /^[A-Za-z0-9_./:@-]*$/;

/** A value in the expression that may be any text; undefined where there is none. */
function openValue(expression: string, inputs: Playbook['inputs'], isGiven: boolean): string | undefined {
  const open = parseCel(expression).references.find(({ root, path: [name = '', output] }) => {
    // The text of a variable is the author's own; what it splices in itself is looked at there.
    if (root === 'run' || root === 'variables' || (root === 'inputs' && isGiven)) return false;
    if (root === 'steps') return output !== 'exitCode' && output !== 'status';
    const input = root === 'inputs' && Object.hasOwn(inputs, name) ? inputs[name] : undefined;
    if (input === undefined) return true;
    return input.type === 'enum' ? !input.values?.every((value) => WORDS.test(value)) : input.type === 'string' || input.type === 'secret';
  });
  return open === undefined ? undefined : [open.root, ...open.path].join('.');
}
