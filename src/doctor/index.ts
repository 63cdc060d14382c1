// The list of checks, in the order in which they are told.
import { alertSources } from './alert-sources.ts';
import { apiServer } from './api-server.ts';
import type { Check } from './check.ts';
import { defenderSensor } from './defender-sensor.ts';
import { helm } from './helm.ts';
import { nodes } from './nodes.ts';
import { permissions } from './permissions.ts';
import { podSecurity } from './pod-security.ts';

export const checks: readonly Check[] = [apiServer, helm, permissions, nodes, podSecurity, defenderSensor, alertSources];
