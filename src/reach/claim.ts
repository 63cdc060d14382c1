// Claims of volumes: a new volume goes with its claim, one that is there already may hold somebody's data, and might go with it, too.
import type { KubernetesObject } from '../ports/cluster.ts';
import { fieldsAt, placedAt } from './fields.ts';
import type { Judgement, Path, Problem } from './judgement.ts';

/** The claim itself, or those of a StatefulSet's pods. */
export function claimReach(object: KubernetesObject): Judgement {
  const claims =
    object.kind === 'PersistentVolumeClaim' ? [{ value: object, path: [] }] : placedAt(object.spec, 'volumeClaimTemplates', ['spec']);
  return { never: claims.flatMap(({ value, path }) => claimProblems(value.spec, [...path, 'spec'])), high: [] };
}

/** What is wrong with a claim's specification, which stands at the path. */
export function claimProblems(spec: unknown, path: Path): Problem[] {
  const fields = fieldsAt(spec);
  const key = ['volumeName', 'selector'].find((each) => fields[each] !== undefined);
  const field = key ?? (fields.storageClassName === '' ? 'storageClassName' : undefined);
  if (field === undefined) return [];
  return [{ says: 'it claims a volume that is there already (`volumeName`, `selector` or no storage class)', path: [...path, field] }];
}
