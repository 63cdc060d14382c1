// Where the sensors of a configured source are in the cluster: its settings say it, or the product's documentation.
import { falco, LOGS } from '../adapters/alert-sources/falco.ts';
import { sensor } from '../adapters/alert-sources/sensor.ts';
import { SENSOR_NAMESPACE, sensorPods } from '../adapters/alert-sources/sensor-pods.ts';
import { DEFENDER_SENSORS } from '../doctor/defender-sensor.ts';
import type { SensorPods } from '../ports/miss-facts.ts';
import type { ConfiguredSource } from './configuration.ts';

/** Undefined where nothing is known of it. `product`: whose alerts the source reads. */
export function sensorPlace({ type, settings }: ConfiguredSource, product: string): SensorPods | undefined {
  const { namespace, labelSelector } = settings as { namespace?: string; labelSelector?: string };
  if (type === sensor) {
    const { namespace: place, labelSelector: labels } = sensorPods(namespace ?? SENSOR_NAMESPACE);
    return { namespace: place, labelSelector: labels };
  }
  // Falco is installed on hosts as well, and whoever posts its alerts may be anywhere.
  if (type === falco)
    return { namespace: LOGS.namespace, labelSelector: LOGS.labelSelector, ...given({ namespace, labelSelector }), mayBeElsewhere: true };
  if (product === 'defender-for-cloud') return DEFENDER_SENSORS;
  return namespace !== undefined && labelSelector !== undefined ? { namespace, labelSelector, mayBeElsewhere: true } : undefined;
}

const given = <T extends object>(settings: T): Partial<T> =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as Partial<T>;
