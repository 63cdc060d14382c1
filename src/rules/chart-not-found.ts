// A path at which there is no chart.
import { filesIn } from './files.ts';
import type { Rule } from './rule.ts';

export const chartNotFound: Rule = {
  id: 'chart-not-found',
  severity: 'error',
  eachStep: true,
  summary: "A chart that a playbook names by a path is there, counted from the playbook's folder.",
  why: `The run would end before its first step. Mostly the path was written from the folder in which \`sim\` is called; it counts from the folder of the playbook.

A chart is a folder with a \`Chart.yaml\`, or a \`.tgz\` file. Charts of a registry (\`oci://\`) are not looked for, and neither are paths with an expression in them.`,
  check(playbook, context) {
    return filesIn(playbook, context).flatMap(({ path, file, kind, found }) => {
      if (kind !== 'chart') return [];
      if (found.kind === 'absent')
        return [{ path, message: `there is no chart at \`${file}\``, hint: "the path starts at the playbook's folder" }];
      if (found.kind === 'folder' && !found.names.includes('Chart.yaml'))
        return [{ path, message: `the folder \`${file}\` is no chart: it holds no \`Chart.yaml\`` }];
      if (found.kind === 'file' && !/\.(tgz|tar\.gz)$/.test(file))
        return [{ path, message: `the file \`${file}\` is no chart`, hint: "name the chart's folder, or a `.tgz` file" }];
      return [];
    });
  },
};
