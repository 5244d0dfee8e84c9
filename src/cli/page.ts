/** The terminal's headless page: the first one is the host's; those opened by its invitation are guests. */
import { parseInvite } from '../crew/invite.ts';
import { joinRun } from './guest-page.ts';
import { failureOf, hostRun } from './host-page.ts';

const invite = parseInvite(location);
if (invite) {
  window.isobarAdmission = joinRun(invite).then(
    value => ({ value }),
    (error: Error) => ({ failure: failureOf(error) }),
  );
} else window.isobar = hostRun();
