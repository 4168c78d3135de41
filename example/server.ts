import { createServer } from './app';
import { addOperations } from './operations';


const start = async function (): Promise<void> {

    const { HOST: host, PORT: port = 3000, REDIS_URL: redis, JWT_KEY: key, OPERATIONS_HOST: operationsHost = '127.0.0.1', OPERATIONS_PORT: operations } = process.env;

    const server = await createServer({ host, port, redis: redis || undefined, key });
    if (operations) {
        addOperations(server, { host: operationsHost, port: operations });
    }

    await server.start();

    console.log(`Futureflix listens. Open ${server.info.uri} in a browser, as ada with the password lovelace, or as grace, the administrator, with hopper.`);
    console.log('(Safari wants HTTPS for its cookie.) Or paste this into another terminal, line by line:\n');
    console.log(lines(server.info.uri).join('\n'));

    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        process.once(signal, () => server.stop());
    }
};


// The story, for bash and curl. Node picks the tokens out of the answers

const lines = function (uri: string): string[] {

    const pick = (name: string, from: string) => `$(node -p 'JSON.parse(process.argv[1]).${name}' "$${from}")`;
    const login = `$(curl -s ${uri}/login -H 'content-type: application/json' -d '{"name":"ada","password":"lovelace"}')`;

    return [
        '# Log in',
        `PAIR=${login}`,
        `JWT=${pick('access_token', 'PAIR')}`,
        `REFRESH=${pick('refresh_token', 'PAIR')}`,
        `curl -iw '\\n' ${uri}/me -H "authorization: Bearer $JWT"`,
        '',
        '# Renew',
        `PAIR=$(curl -s -X POST "${uri}/token?refreshToken=$REFRESH")`,
        `JWT=${pick('access_token', 'PAIR')}`,
        `REFRESH=${pick('refresh_token', 'PAIR')}`,
        `curl -iw '\\n' ${uri}/me -H "authorization: Bearer $JWT"`,
        '',
        '# Log out: 204, and from now on both tokens are refused',
        `curl -iw '\\n' -X POST "${uri}/logout?refreshToken=$REFRESH" -H "authorization: Bearer $JWT"`,
        `curl -iw '\\n' ${uri}/me -H "authorization: Bearer $JWT"`,
        `curl -iw '\\n' -X POST "${uri}/token?refreshToken=$REFRESH"`,
        ''
    ];
};


start().catch((error) => {

    console.error(error.message);
    process.exit(1);
});
