// What a run is about to do, as it is shown before the question.
import type { Catalogue } from '../alerts/catalogue.ts';
import type { Plan } from '../engine/plan.ts';
import type { Playbook } from '../language/playbook.ts';
import { type Colours, safe } from './format.ts';
import { alertName } from './verdict-text.ts';

/** A playbook's plan: objects by kind, what stands outside of its namespace, images, attack steps, expected alerts. */
export function planText(playbook: Playbook, plan: Plan, namespace: string, catalogue: Catalogue, paint: Colours): string {
  const kinds = Object.entries(Object.groupBy(plan.objects, ({ kind }) => kind)).map(([kind, objects = []]) => `${objects.length} ${kind}`);
  const alerts = [...new Set(plan.expectations.map(({ alert }) => alertName(alert, catalogue)))];
  const rows = [
    ['creates', safe([`Namespace ${namespace}`, ...kinds].join(', '))],
    ...plan.outside.map(({ kind, metadata }, index) => [
      index === 0 ? 'outside' : '',
      paint.yellow(safe(`${kind} ${metadata.name}${metadata.namespace === undefined ? '' : ` in ${metadata.namespace}`}`)),
    ]),
    ...plan.targets.map((target, index) => [index === 0 ? 'attacks' : '', paint.yellow(safe(`pods of ${target} that exist already`))]),
    ...plan.images.map((image, index) => [index === 0 ? 'images' : '', safe(image)]),
    ...plan.steps.map(({ name, attack }, index) => [
      index === 0 ? 'steps' : '',
      `${safe(name)}${attack.length === 0 ? '' : ` ${paint.dim(attack.join(' '))}`}`,
    ]),
    ...alerts.map((name, index) => [index === 0 ? 'expects' : '', name]),
  ];
  const risk = playbook.metadata.risk === 'high' ? paint.red(' risk: high') : '';
  return [
    `${paint.bold(playbook.metadata.title)}${risk}`,
    ...rows.map(([label = '', text = '']) => `  ${paint.dim(label.padEnd(8))} ${text}`),
    '',
  ].join('\n');
}
