// The list of step types. A new one is a file beside this, a line here, and its tests.
import { api } from './api.ts';
import { curl } from './curl.ts';
import { deploy } from './deploy.ts';
import { exec } from './exec.ts';
import { expectAlert } from './expect-alert.ts';
import { log } from './log.ts';
import { script } from './script.ts';
import type { StepDefinition } from './step.ts';
import { target } from './target.ts';
import { wait } from './wait.ts';

export const stepTypes: readonly StepDefinition[] = [deploy, target, exec, script, curl, api, log, wait, expectAlert];
