// Parts of the settings that several types of source share.
import type { JsonSchema } from '../../language/definition.ts';
import type { SecretReference, SettingProblem } from './source-type.ts';

type Keywords = Exclude<JsonSchema, boolean>;

const text = { type: 'string', minLength: 1 } as const;
const duration = { type: 'string', format: 'kubesim-duration' } as const;

/** The key by which the configuration's reader knows a secret. */
export const secretSchema = {
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  maxProperties: 1,
  properties: {
    fromEnv: { ...text, description: 'Name of the environment variable that holds it.' },
    fromFile: { ...text, description: 'Absolute path of the file that holds it, readable by its owner only; read anew for each login.' },
  },
} as const satisfies Keywords;

export const secretSetting = (description: string): Keywords => ({ ...secretSchema, description });

export const commonSettings: Readonly<Record<string, Keywords>> = {
  window: { ...duration, description: 'How long after the attack an alert of this source may come.' },
  capabilities: {
    type: 'array',
    minItems: 1,
    uniqueItems: true,
    items: { enum: ['process', 'file', 'network', 'audit'] },
    description: 'What the product is set up to see: alerts that need anything else are unverified here.',
  },
};

export const productSetting: Keywords = {
  type: 'string',
  pattern: '^[a-z][a-z0-9]*(-[a-z0-9]+)*$',
  'x-says': 'must be the key of a product in the catalogue, such as `falco`',
  description:
    "Whose alerts these are, by the product's key in the catalogue of alerts; their names are compared with what it has for that product.",
};

export const intervalSetting = (standard: string): Keywords => ({
  ...duration,
  default: standard,
  description: 'Pause between two readings.',
});

export interface HttpSettings {
  url: string;
  auth?: AuthSettings;
  tls?: TlsSettings;
}

export interface AuthSettings {
  bearerToken?: SecretReference;
  basic?: { username: string; password: SecretReference };
  headers?: Record<string, SecretReference>;
}

export interface TlsSettings {
  ca?: string;
  cert?: string;
  key?: string;
}

const file = (description: string): Keywords => ({ ...text, description });

export const tlsSetting: Keywords = {
  type: 'object',
  additionalProperties: false,
  dependentRequired: { cert: ['key'], key: ['cert'] },
  properties: {
    ca: file('PEM file of the authority that signed the certificate of the server.'),
    cert: file('PEM file of the client certificate.'),
    key: file('PEM file of its key, readable by its owner only.'),
  },
  description: 'Certificates, where those of the system are not enough.',
};

export const urlSetting = (description: string): Keywords => ({
  type: 'string',
  pattern: '^https?://[^\\s]+$',
  'x-says': 'must be an address that begins with `https://`, or with `http://` on this machine',
  description,
});

export const httpSettings: Readonly<Record<string, Keywords>> = {
  auth: {
    type: 'object',
    additionalProperties: false,
    properties: {
      bearerToken: secretSetting('Sent as `Authorization: Bearer`.'),
      basic: {
        type: 'object',
        additionalProperties: false,
        required: ['username', 'password'],
        properties: { username: { ...text, description: 'Name of the user.' }, password: secretSetting('Their password.') },
        description: 'User and password (HTTP Basic).',
      },
      headers: {
        type: 'object',
        additionalProperties: secretSetting('Value of the header.'),
        propertyNames: { pattern: '^[A-Za-z0-9-]+$' },
        description: 'Headers with a secret, such as `DD-API-KEY`.',
      },
    },
    description: 'How to log in. It is sent to the host of `url` and to no other.',
  },
  tls: tlsSetting,
};

/** Whether this machine alone answers there. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** What is wrong with an address that is otherwise one. */
export function urlProblems(url: string, path: readonly (string | number)[]): SettingProblem[] {
  if (!URL.canParse(url)) return [{ path, message: '`url` is no address' }];
  const { protocol, hostname, username, password } = new URL(url);
  if (username !== '' || password !== '')
    return [{ path, message: '`url` holds a user or a password', hint: 'name them under `auth`, the secret by `fromEnv` or `fromFile`' }];
  if (protocol === 'http:' && !isLoopback(hostname))
    return [{ path, message: `\`${hostname}\` would be spoken to without encryption`, hint: 'use https; http is for this machine only' }];
  return [];
}
