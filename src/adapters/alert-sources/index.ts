// The list of types of alert source. A new one is a file beside this and a line here.
import { alertmanager } from './alertmanager.ts';
import type { SourceType } from './source-type.ts';

export const sourceTypes: readonly SourceType[] = [alertmanager];
