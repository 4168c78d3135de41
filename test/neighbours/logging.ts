import * as ChildProcess from 'node:child_process';
import { once } from 'node:events';
import * as Http from 'node:http';
import * as Path from 'node:path';
import * as Zlib from 'node:zlib';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { read } from '../support/documents';

import type { AddressInfo } from 'node:net';


export const lab = Lab.script();


// Where a token was written

const around = function (text: string, token: string): string[] {

    const at = text.indexOf(token);
    return at === -1 ? [] : [text.slice(Math.max(0, at - 100), at)];
};

const { after, before, describe, it } = lab;


describe('the guide to logs', () => {

    let collector: Http.Server;
    let received: string[] = [];

    before(async () => {

        collector = Http.createServer(async (request, response) => {

            const chunks = await request.toArray() as Buffer[];
            const encoding = request.headers['content-encoding'];
            const body = Buffer.concat(chunks);
            received.push((encoding === 'gzip' ? Zlib.gunzipSync(body, { finishFlush: Zlib.constants.Z_SYNC_FLUSH }) : encoding === 'deflate' ? Zlib.inflateSync(body, { finishFlush: Zlib.constants.Z_SYNC_FLUSH }) : body).toString());
            response.end('{}');
        });

        await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
    });

    after(() => {

        collector.close();
    });

    interface Seen {
        written: string;

        /** By where they were in a request. */
        secrets: Record<string, string[]>;
    }

    // All that a tool has printed and sent, and the tokens that the requests had

    const watch = async function (heading: string, isGuided: boolean): Promise<Seen> {

        received = [];
        const { port } = collector.address() as AddressInfo;
        const watched = ChildProcess.fork(Path.join(__dirname, 'support', 'watched.js'), [heading, String(isGuided)], {
            execArgv: [],
            silent: true,
            env: {
                ...process.env,
                SENTRY_DSN: `http://key@127.0.0.1:${port}/1`,
                ELASTIC_APM_SERVER_URL: `http://127.0.0.1:${port}`
            }
        });

        let printed = '';
        let complaints = '';
        watched.stdout!.on('data', (chunk) => (printed += chunk));
        watched.stderr!.on('data', (chunk) => (complaints += chunk));
        let outcome: { status: number; secrets: Record<string, string[]> } | undefined;
        watched.on('message', (message: any) => (outcome = message));
        await once(watched, 'close');

        expect(outcome?.status, complaints).to.equal(204);
        return { written: printed + received.join('\n'), secrets: outcome!.secrets };
    };

    const rows = Array.from(read('docs/logging.md').matchAll(/^\| (?!tool)(\w.*?) \| (.*) \|$/gm), ([, tool, places]) => [tool!, places!] as const);

    for (const heading of ['hapi-pino', 'Sentry', 'hapi-sentry', 'OpenTelemetry', 'Elastic APM']) {
        it(`has ${heading} write no token down, and says what it writes by itself`, async () => {

            const unguarded = await watch(heading, false);
            const leaked = Object.entries(unguarded.secrets).filter(([, values]) => values.some((value) => unguarded.written.includes(value)));
            const [, places] = rows.find(([tool]) => tool.startsWith(heading))!;
            expect(leaked.map(([place]) => place).join(', ')).to.equal(places);

            const { written, secrets } = await watch(heading, true);
            expect(written.includes('/fail')).to.be.true();
            expect(Object.values(secrets).flat().flatMap((secret) => around(written, secret))).to.equal([]);
        });
    }

    it('has code for each tool of its table', () => {

        expect(read('docs/logging.md').match(/^```js$/gm)).to.have.length(6);
    });
});
