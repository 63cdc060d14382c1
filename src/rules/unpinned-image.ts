// An image without a digest: its tag can be moved.
import { imagesIn } from './images.ts';
import type { Rule } from './rule.ts';

export const unpinnedImage: Rule = {
  id: 'unpinned-image',
  severity: 'info',
  security: true,
  summary: 'An image that a playbook writes out is pinned by its digest.',
  why: `A tag can be moved to another image, by its owner or by somebody who got into the registry: the run then starts a program that nobody reviewed. A digest names one image for good.

Write \`name:tag@sha256:...\`; \`docker buildx imagetools inspect IMAGE\` and \`crane digest IMAGE\` print it. An image that comes from an input is not looked at: it is the choice of whoever runs the playbook. \`latest-tag\` speaks of images without a version.`,
  check(playbook) {
    return imagesIn(playbook).flatMap(({ path, value, tag, digest }) =>
      digest !== undefined || tag === undefined || tag === 'latest'
        ? []
        : [{ path, message: `the image \`${value}:${tag}\` has no digest`, hint: 'pin it: `name:tag@sha256:...`' }],
    );
  },
};
