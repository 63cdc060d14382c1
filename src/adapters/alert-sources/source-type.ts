// What the program knows of a kind of alert source: its settings, how far its reading is proved, and how one is made.
import type { JsonSchema } from '../../language/definition.ts';
import type { AlertSource, Capability, NormalisedAlert, ProofLevel } from '../../ports/alerts.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Cluster } from '../../ports/cluster.ts';
import type { Observation } from '../../ports/observations.ts';

/** Where a secret stands: a configuration never holds it itself. */
export type SecretReference = { fromEnv: string } | { fromFile: string };

/** The rules of the reference detector, which remember what they were shown. */
export interface RulesAtWork {
  /** Judges the next observation; `seen`: when it came, by our clock. */
  evaluate(observation: Observation, seen: number): readonly NormalisedAlert[];
  /** Why their silence proves nothing any more; undefined while it does. */
  doubt(): string | undefined;
}

/** What a source needs of the world. */
export interface SourceWorld {
  clock: Clock;
  /** The process's environment: variables of secrets, proxies, Azure's own. */
  env: Readonly<Record<string, string | undefined>>;
  /** The cluster that the command works on. Throws Failure configuration where there is none. */
  cluster(): Promise<Cluster>;
  /** Reads a secret anew: files of tokens are replaced while a run goes on. Throws Failure configuration. */
  secret(reference: SecretReference): Promise<string>;
  /** A CEL expression over named values. Throws ExpressionError. */
  cel(expression: string, variables: Readonly<Record<string, unknown>>): unknown;
  /** A nested value with its `${{ run.x }}` filled in. Throws ExpressionError. */
  fill(value: unknown, run: Readonly<Record<string, unknown>>): unknown;
  /** Milliseconds of "90s"; undefined for what is no duration. */
  duration(text: string): number | undefined;
  /**
   * Detection rules, ready to judge what sensors observe; alerts are of the source with this name. Those of `folder`, else those of detections/,
   * without the ones that are named in `disabled`. Throws Failure configuration.
   */
  detector(source: string, rules?: { folder?: string; disabled?: readonly string[] }): Promise<RulesAtWork>;
  /** Tells the operator something that is needed now, such as the address of a listener. */
  note(text: string): void;
}

/** Settings that every source may have, whatever its type. */
export interface CommonSettings {
  name: string;
  window?: string;
  capabilities?: Capability[];
}

/** Something about settings that no schema can say; `path` counts from the settings. */
export interface SettingProblem {
  path: readonly (string | number)[];
  message: string;
  hint?: string;
}

/** An entry of `alertSources` for one product. */
export interface Recipe {
  product: string;
  /** What one must know, Markdown. */
  about: string;
  example: string;
}

export interface SourceType {
  /** The word in the configuration, kebab-case. */
  readonly type: string;
  /** What it reads, one sentence. */
  readonly summary: string;
  /** Of its own settings, without those that all sources have. */
  readonly schema: { readonly properties: Readonly<Record<string, JsonSchema>>; readonly required?: readonly string[] };
  readonly proof: ProofLevel;
  /** What that proof is, one sentence. */
  readonly proved: string;
  /** What the product can see, where the settings do not say. */
  readonly capabilities: readonly Capability[];
  /** How long after the attack an alert may come, where the settings do not say. Milliseconds. */
  readonly window: number;
  /** What one must know to set it up: paragraphs of Markdown. */
  readonly about: string;
  /** An entry of `alertSources` in YAML; a test reads it. */
  readonly example: string;
  /** Settings for products that have no type of their own. */
  readonly recipes?: readonly Recipe[];
  problems?(settings: CommonSettings): SettingProblem[];
  create(settings: CommonSettings, world: SourceWorld): AlertSource;
}

/** A type whose settings, once they have passed its schema, are `Settings`. */
export function defineSource<Settings extends CommonSettings>(
  definition: Omit<SourceType, 'create' | 'problems'> & {
    problems?(settings: Settings): SettingProblem[];
    create(settings: Settings, world: SourceWorld): AlertSource;
  },
): SourceType {
  return definition as unknown as SourceType;
}

/** The parts of a source that its settings and its type decide alike for all. */
export function identityOf(
  { proof, capabilities, window }: Pick<SourceType, 'proof' | 'capabilities' | 'window'>,
  settings: CommonSettings & { product?: string },
  world: Pick<SourceWorld, 'duration'>,
  product: string,
): Pick<AlertSource, 'name' | 'product' | 'proof' | 'capabilities' | 'window'> {
  return {
    name: settings.name,
    product: settings.product ?? product,
    proof,
    capabilities: settings.capabilities ?? capabilities,
    window: millisecondsOf(settings.window, window, world),
  };
}

/** A duration of the settings, or what holds without it. */
export const millisecondsOf = (text: string | undefined, standard: number, { duration }: Pick<SourceWorld, 'duration'>): number =>
  (text === undefined ? undefined : duration(text)) ?? standard;
