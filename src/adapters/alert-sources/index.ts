// The list of types of alert source. A new one is a file beside this and a line here.
import { alertmanager } from './alertmanager.ts';
import { defenderForCloud } from './defender-for-cloud.ts';
import { defenderXdr } from './defender-xdr.ts';
import { falco } from './falco.ts';
import { file } from './file.ts';
import { http } from './http.ts';
import { kubernetes } from './kubernetes.ts';
import { sensor } from './sensor.ts';
import { sentinel } from './sentinel.ts';
import type { SourceType } from './source-type.ts';
import { webhook } from './webhook.ts';

/** In the order in which the reference shows them. */
export const sourceTypes: readonly SourceType[] = [
  sensor,
  defenderForCloud,
  sentinel,
  defenderXdr,
  falco,
  kubernetes,
  alertmanager,
  http,
  webhook,
  file,
];
