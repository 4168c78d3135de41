import { once } from 'node:events';
import * as Net from 'node:net';
import { text } from 'node:stream/consumers';

import type { Server } from '@hapi/hapi';


export interface RawAnswer {

    /** 0 where the connection was closed without one. */
    statusCode: number;
    head: string;
    body: string;
}


/** Sends bytes as they are to a started server, and answers what comes back until it closes the connection. */
export const sendRaw = async function (server: Server, bytes: string | Buffer): Promise<RawAnswer> {

    const socket = Net.connect(server.info.port as number, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);

    const answer = await text(socket);
    const [head, ...body] = answer.split('\r\n\r\n') as [string, ...string[]];
    return { statusCode: Number(head.split(' ')[1] ?? 0), head, body: body.join('\r\n\r\n') };
};


/** A request in lines: the connection is closed behind its answer. */
export const request = function (line: string, headers: string[] = [], body = ''): string {

    return [line, 'Host: localhost', ...headers, 'Connection: close', '', body].join('\r\n');
};
