// Posts announcements of runs to an address that the operator named: a chat system's webhook, a ticket system, a SIEM.
import { Failure } from '../ports/failure.ts';

const LIMIT = 10_000;

/**
 * Posts it as JSON. Throws Failure configuration for an address that is none, `server-error` and the like where it was not taken; what it says
 * names the host alone, since the paths of webhooks are secrets.
 */
export async function postAnnouncement(address: string, announcement: object, signal: AbortSignal): Promise<void> {
  const url = announcementUrl(address);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(announcement),
      // What was announced to one host is not for another one.
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(LIMIT)]),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Failure('server-error', `${url.host} did not take the announcement: HTTP ${response.status}`);
  } catch (error) {
    if (error instanceof Failure || signal.aborted) throw error;
    const { message, cause, name } = error as Error & { cause?: { message?: string } };
    const why = name === 'TimeoutError' ? `no answer within ${LIMIT / 1000} s` : (cause?.message ?? message);
    throw new Failure('unreachable', `${url.host} cannot be told: ${why}`, { cause: error });
  }
}

/** Https to anywhere; plain http to this machine alone. Throws Failure configuration. */
export function announcementUrl(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isHere = url !== undefined && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isHere)) return url;
  throw new Failure('configuration', 'announcements go to an https:// address, or to http:// on this machine');
}
