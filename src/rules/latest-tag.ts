// An image without a version: what runs today is not what ran yesterday.
import { imagesIn } from './images.ts';
import type { Rule } from './rule.ts';

export const latestTag: Rule = {
  id: 'latest-tag',
  severity: 'warning',
  eachStep: true,
  summary: 'An image that a playbook writes out has a tag other than `latest`, or a digest.',
  why: `\`latest\` (also what an image without a tag means) names whatever was pushed last. The tool that an attack needs can be gone from one run to the next, and a missed alert then says nothing about the detector.

Name a version, or better a digest. An image that comes from an input is not looked at: it is the choice of whoever runs the playbook.`,
  check(playbook) {
    return imagesIn(playbook).flatMap(({ path, value, tag, digest }) => {
      if (digest !== undefined || (tag !== undefined && tag !== 'latest')) return [];
      const what =
        tag === undefined ? `the image \`${value}\` has no tag, which means \`latest\`` : `the image \`${value}\` has the tag \`latest\``;
      return [{ path, message: what, hint: 'name a version or a digest' }];
    });
  },
};
