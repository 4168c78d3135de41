import { startFleet } from './fleet';


// Runs the app until Ctrl-C, and says what to try

const start = async function (): Promise<void> {

    const fleet = await startFleet();

    console.log(`\n${fleet.summary}\n`);
    console.log(`Open ${fleet.uri} in a browser. Log in as ada (password lovelace), or as grace, the administrator (hopper). Then open a second tab and`);
    console.log('a second device, log out in one of them, and watch the others. (Safari stores the cookie over HTTPS only.)\n');
    console.log('Or paste this into another terminal, line by line:\n');
    console.log(lines(fleet.uri).join('\n'));
    console.log('Ctrl-C stops it.');

    const signals = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((signal) => new Promise<void>((resolve) => process.on(signal, () => resolve())));
    const problem = await Promise.race([fleet.failed, orphaned(), ...signals]);
    await fleet.stop();
    if (problem) {
        throw new Error(problem);
    }
};


// npm passes signals on to a shell only, which leaves its child alone

const orphaned = function (): Promise<void> {

    const { ppid } = process;
    return new Promise((resolve) => setInterval(() => process.ppid !== ppid && resolve(), 500).unref());
};


// For bash and curl. Node reads the tokens out of the responses

const lines = function (uri: string): string[] {

    const pick = (name: string) => `$(node -p 'JSON.parse(process.argv[1]).${name}' "$PAIR")`;
    const tokens = [`ACCESS=${pick('access_token')}`, `REFRESH=${pick('refresh_token')}`];
    const me = `curl -iw '\\n' ${uri}/me -H "authorization: Bearer $ACCESS"`;
    const renew = `${uri}/token -H "x-refresh-token: $REFRESH"`;

    return [
        '# Log in',
        `PAIR=$(curl -s ${uri}/login -H 'content-type: application/json' -d '{"name":"ada","password":"lovelace"}')`,
        ...tokens,
        me,
        '',
        '# Renew',
        `PAIR=$(curl -s -X POST ${renew})`,
        ...tokens,
        me,
        '',
        '# Log out with the access token alone. From now on both tokens are refused, by both processes',
        `curl -iw '\\n' -X POST ${uri}/logout -H "authorization: Bearer $ACCESS"`,
        me,
        me,
        `curl -iw '\\n' -X POST ${renew}`,
        ''
    ];
};


start().catch((error) => {

    console.error(error.message);
    process.exit(1);
});
