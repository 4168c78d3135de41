import * as Fs from 'node:fs';
import * as Path from 'node:path';


export const help = `Revokes tokens and sessions of hapi-auth-hard-logout, and shows what is revoked.

  hard-logout revoke --subject ID      everything of a subject that was issued so far
  hard-logout revoke --session ID      a session, by its sid
  hard-logout revoke --jti ID          an access token, by its jti
  hard-logout revoke --issued-before DATE [--subject ID]
                                       what was issued before, to a subject or to everybody
  hard-logout sessions --subject ID    a subject's live sessions
  hard-logout status                   the processes of the app, and the blacklist
  hard-logout watch [--subject ID | --session ID | --jti ID]
                                       revocations as they arrive, until it is interrupted

A revocation is done when every process of the app has it. The command line does not know the
app's options: it uses what is given here, or else the default. A revocation with another prefix or
issuer than the app's has no effect; one with too short a --max-age ends too early.

  --redis URL       redis://, rediss:// or the path of a unix socket. Default: REDIS_URL of the
                    environment, where a password belongs: other users can see arguments
  --prefix PREFIX   the plugin's prefix. Default: hard-logout
  --issuer ISSUER   the strategy's jwt.issuer; once for each of several. Default: it has none
  --tokens sessions
                    the subject's tokens come from issue(). A login right after the revocation is
                    accepted
  --tokens external
                    they come from the app or from an identity provider, and say in seconds, by
                    another clock, when they were issued (iat). What is issued within the clock
                    tolerance after the revocation is revoked as well.
                    Default: sessions if the subject has any now, else external. If a subject has
                    tokens of both kinds, use external
  --max-age DURATION
                    the longest that a token or session lives in any strategy (jwt.maxAge,
                    refreshToken.maxAge), or more: it stays revoked for as long. Default: 90d
  --clock-tolerance DURATION
                    the greatest jwt.clockTolerance. Default: 5s
  --lease DURATION  the plugin's lease, or false. Default: 1500ms, or the longest in the registry
  --yes, -y         asks nothing. Without it, a subject or a moment is confirmed on a terminal
  --json            writes results as JSON to the standard output, one value a line, with moments
                    and durations in milliseconds. Everything else goes to the standard error
  --help, -h
  --version, -v

DURATION is 90d, 12h, 30m, 15s or 1500ms. DATE is 2030-01-31T12:00:00Z, or 2030-01-31 (UTC).

Exit codes
  0    done. A revocation holds in every process
  1    failed. Unless it says that nothing was revoked, a revocation may hold or not: repeat it
  2    the command line was not understood; nothing was done
  3    not confirmed; nothing was done
  128 and the number of a signal: interrupted (130), terminated (143). As for 1

The app's onRevoke is not called, nor is its revoke for refresh tokens that it looks up: they are
revoked with their subject or session all the same. Processes with lease: false are in no registry,
because they ask Redis at every request.
`;


/** The version of the package. */
export const version = function (): string {

    return JSON.parse(Fs.readFileSync(Path.join(__dirname, '..', '..', 'package.json'), 'utf8')).version;
};
