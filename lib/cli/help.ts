import * as Fs from 'node:fs';
import * as Path from 'node:path';


export const help = `Revokes tokens and sessions of hapi-auth-hard-logout, and shows what is revoked.

  hard-logout revoke --subject ID             everything of a subject that was issued so far
  hard-logout revoke --session ID             a session, by its sid
  hard-logout revoke --jti ID                 an access token, by its jti
  hard-logout revoke --issued-before DATE [--subject ID]
                                              what was issued before a moment, of a subject or of everybody
  hard-logout sessions --subject ID           a subject's live sessions
  hard-logout status                          the processes of the app, and whether they beat; the blacklist
  hard-logout watch [--subject ID | --session ID | --jti ID]
                                              revocations as they arrive, until it is interrupted

A revocation is done when every process of the app has it. The command line knows none of the app's options: it takes
what follows for granted, and a revocation under another issuer or prefix meets nobody.

  --redis URL            redis://, rediss:// or the path of a unix socket; the environment's REDIS_URL where it is left
                         out. Other users of this machine can see arguments: a password belongs in REDIS_URL
  --prefix PREFIX        the plugin's prefix. hard-logout
  --issuer ISSUER        the strategy's jwt.issuer; again for each of several; '' or none where it has none
  --tokens ours          they are from issue(): a login right after the revocation lives
  --tokens elsewhere     from an app or identity provider of one's own: by the seconds of their iat, on clocks that may be
                         ahead, so what is issued within the clock tolerance afterwards is revoked as well.
                         Left out: ours for a subject that has sessions of ours, else elsewhere. A subject that has both
                         needs elsewhere
  --max-age DURATION     at least the longest that a token or session lives in any strategy: jwt.maxAge and
                         refreshToken.maxAge. A revocation is kept for that long. 90d
  --clock-tolerance DURATION
                         jwt.clockTolerance. 5s
  --lease DURATION       the plugin's lease, or false where that is. 1500ms, or the longest in the registry
  --yes, -y              asks nothing. Without it a subject or a moment has to be confirmed on a terminal
  --json                 results as JSON on the standard output, one value a line; moments and durations in milliseconds.
                         Anything else is on the standard error
  --help, -h
  --version, -v

DURATION is 90d, 12h, 30m, 15s or 1500ms. DATE is 2030-01-31T12:00:00Z, or 2030-01-31 for its first moment in UTC.

Exit codes
  0    done: a revocation holds in every process
  1    failed. Of a revocation it is not certain whether it holds: repeat it
  2    the command line is wrong, nothing was done
  3    not confirmed, nothing was done
  130  interrupted (143: terminated). Of a revocation it is not certain whether it holds

The app's onRevoke is not asked, and its revoke for refresh tokens of its own is not called: the blacklist holds those that
fall with a subject or session. Processes with lease: false ask Redis at each request, and are in no registry.
`;


/** The version of the package. */
export const version = function (): string {

    return JSON.parse(Fs.readFileSync(Path.join(__dirname, '..', '..', 'package.json'), 'utf8')).version;
};
