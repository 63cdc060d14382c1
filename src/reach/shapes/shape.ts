// The contract of a shape: one kind of object that a run may create outside of its namespace, and the form in which it harms nobody.
import type { KubernetesObject } from '../../ports/cluster.ts';
import type { Problem } from '../judgement.ts';

/** Names by which an object can be tied to a run. */
export interface RunNames {
  /** `sim-<run id>`: the namespace, and what the name of each object outside of it begins with. */
  namespace: string;
  /** A user that nobody is. */
  nobody: string;
}

/** Those of the run whose namespace it is. */
export const runNames = (namespace: string): RunNames => ({ namespace, nobody: `sim:nobody:${namespace.replace(/^sim-/, '')}` });

export interface Shape {
  readonly apiVersion: string;
  readonly kind: string;
  /** Plural, as in permissions. */
  readonly resource: string;
  /** The one namespace besides the run's where it may stand; absent: it has none. */
  readonly namespace?: string;
  /** In which form, and why that is harmless: one sentence, for messages and SECURITY.md. */
  readonly says: string;
  /** What is not as it must be; empty where the object is harmless. */
  problems(object: KubernetesObject, run: RunNames): Problem[];
}

/** The namespace of the cluster's own parts; attacks on it are what detectors watch for most. */
export const SYSTEM_NAMESPACE = 'kube-system';
