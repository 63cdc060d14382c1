// The contract of a step type: one object in one file, listed in index.ts. The engine knows steps only through this.
import type { Change, CommandLine, StepLanguage, WrittenChange, WrittenObject } from '../language/definition.ts';
import type { FileReference } from '../language/references.ts';
import type { Charts } from '../ports/charts.ts';
import type { Clock } from '../ports/clock.ts';
import type { Cluster, KubernetesObject, PodReference } from '../ports/cluster.ts';
import type { Files } from '../ports/files.ts';

/** How a playbook names a pod: a role that a step declared, or a selector in the run's namespace or another one. */
export type PodSelector = string | { selector: string; namespace?: string; container?: string };

/** Pods behind a role: the run's own with these labels, or those that a selector names in another namespace. */
export type PodRole = { container?: string } & ({ labels: Record<string, string> } | { selector: string; namespace: string });

/** A Kubernetes permission that a step needs, in the run's namespace where it names no other. */
export interface Permission {
  verb: string;
  group: string;
  resource: string;
  namespace?: string;
  /** In the namespace of the pods with this role; a plan puts that in its place. */
  role?: string;
  /** True for objects without a namespace. */
  cluster?: boolean;
}

/** An alert that an attack step should raise. */
export interface AlertExpectation {
  /** Id in the alerts/ catalogue. */
  alert: string;
  /** Ids of steps; the first that was not skipped is the attack. Absent: the nearest attack step before. */
  of?: string[];
  /** Milliseconds; absent: the source's own window. */
  within?: number;
  /** 0 asserts silence for the whole window. */
  count?: number;
  /** Of a repeated attack: so many of its executions must each have their own alert. */
  required?: { times: number; of: number };
  optional?: boolean;
  /** Bare CEL over the alert. */
  where?: string;
  /** Name of an alert source; absent: any. */
  source?: string;
  severity?: string;
}

/** Facts of the run, reachable as `run.*` in expressions. */
export interface RunFacts {
  id: string;
  namespace: string;
  /** `sim-<id>`: stands in each attack's command line. */
  marker: string;
  /** The web shell's token of this run: 32 hex digits, secret. */
  token: string;
  playbook: string;
}

/** What a step's text, objects and permissions may depend on before the run: inputs are known, outputs are not. */
export interface PlanContext {
  run: RunFacts;
  /** Folder of the playbook's file; relative paths start here. */
  folder: string;
  charts: Charts;
  files: Files;
  kubeVersion?: string;
  signal: AbortSignal;
}

export interface StepContext extends PlanContext {
  readonly step: { id?: string; name: string };
  /**
   * Milliseconds after which `signal` aborts with Failure timeout; with Failure interrupted it aborts when the user stops the run. A step that
   * has something to end elsewhere catches that, ends it with a signal of its own and throws on.
   */
  readonly timeout: number;
  cluster: Cluster;
  clock: Clock;
  /** The one ready pod that the selector names. Throws Failure not-found with what there is. */
  pod(selector: PodSelector): Promise<PodReference>;
  /** Checks, labels, journals and applies objects; they are removed at the end of the run. Returns them as the server has them. */
  create(objects: KubernetesObject[]): Promise<KubernetesObject[]>;
  /**
   * Prepares an object that a request of the step itself will create: checks, labels and journals it, and makes sure that the run's namespace is
   * there. Returns the object to send; tell `created` what the server made of it.
   */
  adopt(object: KubernetesObject): Promise<KubernetesObject>;
  created(object: KubernetesObject): Promise<void>;
  /**
   * Throws Failure invalid where a request of the step itself would change what is not the run's own, or make of it what the run may not
   * create: `content` is the object, or the part of it, that is sent.
   */
  checkChange(change: Change, content?: Readonly<Record<string, unknown>>): Promise<void>;
  /** Makes role names known to later steps. */
  declareRoles(roles: Record<string, PodRole>): void;
  /**
   * Journals and performs the removal of one pod now (an exec that could not be ended otherwise); works after `signal` has aborted, too.
   * Throws Failure invalid for a pod that is not the run's own.
   */
  removePod(pod: PodReference): Promise<void>;
  /** One line for whoever watches: what the step waits for now. */
  say(text: string): void;
  /** Something worth telling in the report, whether the step succeeds or throws, e.g. how a timed-out process was ended. The last one counts. */
  note(text: string): void;
}

export interface StepResult {
  outputs?: Record<string, unknown>;
  /** Expectations that did not hold, each "stdout: expected ... but got ...": the step failed, its effect is not proved. */
  mismatches?: string[];
  /** Where they did not: a control that provably stopped the attack, and what shows it. The step then counts as prevented. */
  prevented?: Prevention;
}

export interface Prevention {
  /** The control, as a noun: "a network policy". */
  by: string;
  /** What was seen, in words. */
  evidence: string;
}

export interface StepDefinition<Body = unknown> extends StepLanguage {
  /** Milliseconds after which the step is stopped, where the playbook names none. */
  readonly defaultTimeout: number;
  /** What the step will do, one line, for `sim plan` and the question before a run. */
  plan(body: Body): string;
  /** Objects it will create, known before the run. */
  objects?(body: Body, context: PlanContext): Promise<KubernetesObject[]>;
  permissions?(body: Body): Permission[];
  /** Namespaces whose pods it uses beside the run's own: a run needs the operator's word for each. */
  targets?(body: Body): string[];
  /** Namespaces of the roles that it gives to pods which are not the run's own. */
  roles?(body: Body): Record<string, string>;
  references?(body: Body): FileReference[];
  commands?(body: Body): CommandLine[];
  written?(body: Body): WrittenObject[];
  changes?(body: Body): WrittenChange[];
  /** Turns the step into an expectation; such a step has no `run`. */
  expects?(body: Body): AlertExpectation;
  run?(body: Body, context: StepContext): Promise<StepResult>;
}

/** Keeps the body's type inside the definition's file; the list holds them all as StepDefinition. */
export function defineStep<Body>(definition: StepDefinition<Body>): StepDefinition {
  return definition as StepDefinition;
}
