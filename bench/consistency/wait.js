'use strict';

const Events = require('events');
const Net = require('net');
const { setTimeout: sleep } = require('timers/promises');


const internals = {
    timeout: 30_000
};


exports.until = async function (complaint, condition) {

    const end = performance.now() + internals.timeout;
    while (!await condition()) {
        if (performance.now() > end) {
            throw new Error(complaint);
        }

        await sleep(50);
    }
};


exports.findPort = async function () {

    const server = Net.createServer().listen(0, '127.0.0.1');
    await Events.once(server, 'listening');
    const { port } = server.address();
    server.close();
    await Events.once(server, 'close');
    return port;
};
