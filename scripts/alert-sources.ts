// The page of a type of alert source: how far its reading is proved, its settings, and settings for products without a type of their own.
import type { JsonSchema } from '../src/language/definition.ts';
import type { Capability, ProofLevel } from '../src/ports/alerts.ts';
import { code, fields, list, type Page, section, table, text } from '../src/reference/page.ts';
import { fieldsOf } from '../src/reference/schema-words.ts';

/** What the reference needs of a type. */
export interface AlertSourceInfo {
  type: string;
  summary: string;
  /** Of one entry of `alertSources`, with all its keys. */
  schema: JsonSchema;
  proof: ProofLevel;
  proved: string;
  capabilities: readonly Capability[];
  /** Milliseconds. */
  window: number;
  about: string;
  example: string;
  recipes?: readonly { product: string; about: string; example: string }[];
}

export function alertSourcePage({
  type,
  summary,
  schema,
  proof,
  proved,
  capabilities,
  window,
  about,
  example,
  recipes = [],
}: AlertSourceInfo): Page {
  return {
    kind: 'alert source',
    name: type,
    summary,
    sections: [
      ...section('Proof', text(`**${proof}**: ${proved}`)),
      ...section('What to know', text(about)),
      ...section('Example', code(entry(example))),
      ...section('Settings', fields(fieldsOf(schema))),
      ...section(
        'Unless set otherwise',
        list([
          `It sees: ${capabilities.map((each) => `\`${each}\``).join(', ')}.`,
          `An alert may come ${minutes(window)} after its attack.`,
        ]),
      ),
      ...recipes.flatMap((recipe) => section(recipe.product, text(recipe.about), code(entry(recipe.example)))),
    ],
  };
}

/** All types with their proof, and how the configuration is found. */
export function alertSourcesPage(types: readonly AlertSourceInfo[]): Page {
  const products = types.flatMap(({ type, recipes = [] }) => recipes.map(({ product }) => [product, type] as const));
  return {
    kind: 'overview',
    name: 'Alert sources',
    summary:
      'The products whose alerts sim reads, and how far that is proved. They stand in the configuration of whoever runs sim, never in a checkout.',
    sections: [
      ...section(
        '',
        table(
          ['type', 'proof', 'what it reads'],
          types.map(({ type, proof, summary }) => [`[\`${type}\`](${type}.md)`, proof, summary]),
        ),
        list(products.map(([product, type]) => `${product}: settings are on the page of [\`${type}\`](${type}.md).`)),
      ),
      ...section(
        'Configuration',
        text(
          'The file is that of `--config`, else of `SIM_CONFIG`, else `$XDG_CONFIG_HOME/kubesim/config.yaml` (`~/.config/kubesim/config.yaml`). Nobody but its owner may be able to write it. `sim schema configuration` prints its schema, for editors.',
        ),
        code(`apiVersion: kubesim/v1
kind: Configuration
alertSources:
  - name: falco
    type: falco
  - name: alertmanager
    type: alertmanager
    url: https://alertmanager.example.com
    auth:
      bearerToken: {fromEnv: ALERTMANAGER_TOKEN}`),
        text(
          'A secret never stands in it: `{fromEnv: NAME}` takes it from the environment, `{fromFile: PATH}` from a file that its owner alone can read, anew for each login. A credential is sent to the host that it stands beside and to no other, whatever that host answers. Without encryption only this machine is spoken to. Proxies are those of `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`.',
        ),
      ),
      ...section(
        'Proof',
        list([
          '**real software**: the tests run the product itself.',
          '**recorded payloads**: the tests replay what a real installation of the product has sent.',
          '**published API description**: the tests have a local server answer as the vendor describes it. Try `sim alerts check` and `sim alerts tail` before you trust a verdict.',
        ]),
      ),
    ],
  };
}

const entry = (example: string): string => `- ${example.trimEnd().replaceAll('\n', '\n  ')}`;

const minutes = (milliseconds: number): string =>
  milliseconds < 60_000 ? `${milliseconds / 1000} seconds` : milliseconds === 60_000 ? 'a minute' : `${milliseconds / 60_000} minutes`;
