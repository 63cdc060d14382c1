// Admission webhooks: they may look at objects of the run's namespace only, and hold nobody up where they do not answer.
import { type Fields, fieldsAt, itemsAt, listAt, type Placed, textOf } from '../fields.ts';
import type { Problem } from '../judgement.ts';
import { isUnroutable, isUnroutableHost } from '../unroutable.ts';
import type { RunNames, Shape } from './shape.ts';

const LONGEST_WAIT = 5;
const NAME_LABEL = 'kubernetes.io/metadata.name';

const says =
  "where each webhook has `failurePolicy: Ignore`, `timeoutSeconds` of at most 5, `sideEffects: None`, a `namespaceSelector` for the run's namespace alone, rules of `scope: Namespaced`, and asks a service of the run's namespace, an address in 192.0.2.0/24 or a host under .invalid";

const shapeOf = (kind: string, resource: string): Shape => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind,
  resource,
  says,
  problems: (configuration, run) =>
    itemsAt(configuration, 'webhooks').flatMap((webhook, index) =>
      webhookProblems({ value: fieldsAt(webhook), path: ['webhooks', index] }, run),
    ),
});

export const validatingWebhook = shapeOf('ValidatingWebhookConfiguration', 'validatingwebhookconfigurations');
export const mutatingWebhook = shapeOf('MutatingWebhookConfiguration', 'mutatingwebhookconfigurations');

function webhookProblems({ value: webhook, path }: Placed, { namespace }: RunNames): Problem[] {
  const { name, failurePolicy, timeoutSeconds, sideEffects } = webhook;
  const isShort = typeof timeoutSeconds === 'number' && timeoutSeconds >= 1 && timeoutSeconds <= LONGEST_WAIT;
  const isBounded = listAt(webhook, 'rules').every(({ scope }) => scope === 'Namespaced');
  const needs: [isThere: boolean, key: string, says: string][] = [
    [failurePolicy === 'Ignore', 'failurePolicy', 'needs `failurePolicy: Ignore`'],
    [isShort, 'timeoutSeconds', `needs \`timeoutSeconds\` of at most ${LONGEST_WAIT}`],
    [sideEffects === 'None', 'sideEffects', 'needs `sideEffects: None`'],
    [
      selectsOnly(fieldsAt(webhook, 'namespaceSelector'), namespace),
      'namespaceSelector',
      `needs a \`namespaceSelector\` with \`${NAME_LABEL}: ${namespace}\``,
    ],
    // A selector of namespaces is not asked about objects that have none.
    [isBounded, 'rules', 'needs `scope: Namespaced` in every rule'],
    [
      asksNobodyElse(fieldsAt(webhook, 'clientConfig'), namespace),
      'clientConfig',
      `may ask only a service in ${namespace}, an https address in 192.0.2.0/24 or a host under .invalid`,
    ],
  ];
  return needs.flatMap(([isThere, key, says]) => (isThere ? [] : [{ says: `its webhook ${textOf(name)} ${says}`, path: [...path, key] }]));
}

/** All conditions of a selector must hold, so that one which names the namespace is enough. */
function selectsOnly(selector: Fields, namespace: string): boolean {
  const named = fieldsAt(selector, 'matchLabels')[NAME_LABEL] === namespace;
  return (
    named ||
    listAt(selector, 'matchExpressions').some((each) => {
      const values = itemsAt(each, 'values');
      return each.key === NAME_LABEL && each.operator === 'In' && values.length === 1 && values[0] === namespace;
    })
  );
}

function asksNobodyElse({ service, url }: Fields, namespace: string): boolean {
  if (url === undefined) return fieldsAt(service).namespace === namespace;
  const host = /^https:\/\/([a-z0-9.-]+)(?::\d+)?(?:\/[\w./-]*)?$/.exec(textOf(url))?.[1];
  return service === undefined && host !== undefined && (isUnroutable(host) || isUnroutableHost(host));
}
