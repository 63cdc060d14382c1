// The images that every lab has: made from images/, never pulled.
import { join } from 'node:path';

export interface LabImage {
  name: string;
  reference: string;
  /** Folder with its Dockerfile. */
  context: string;
}

/** The victim first: it takes longest to make. */
export function labImages(resources: string): LabImage[] {
  return ['victim', 'attacker'].map((name) => ({ name, reference: referenceOf(name), context: join(resources, 'images', name) }));
}

/** As the playbooks' inputs are named. */
export const imageInputs = { attackerImage: referenceOf('attacker'), victimImage: referenceOf('victim') };

function referenceOf(name: string): string {
  return `simlab/${name}:1`;
}
