// Claims of volumes: a new volume goes with its claim, one that is there already may hold somebody's data, and might go with it, too.
import type { KubernetesObject } from '../ports/cluster.ts';
import { fieldsAt, listAt } from './fields.ts';
import type { Judgement } from './judgement.ts';

/** The claim itself, or those of a StatefulSet's pods. */
export function claimReach(object: KubernetesObject): Judgement {
  const claims = [object, ...listAt(object.spec, 'volumeClaimTemplates')];
  return { never: claims.flatMap((claim) => claimProblems(claim.spec)), high: [] };
}

/** What is wrong with a claim's specification. */
export function claimProblems(spec: unknown): string[] {
  const { volumeName, selector, storageClassName } = fieldsAt(spec);
  const isOfOthers = volumeName !== undefined || selector !== undefined || storageClassName === '';
  return isOfOthers ? ['it claims a volume that is there already (`volumeName`, `selector` or no storage class)'] : [];
}
