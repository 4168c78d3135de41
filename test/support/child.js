'use strict';

/** Does what the parent of this process asks for, by name, and ends with it. */
exports.serve = function (actions) {

    process.on('message', async ({ id, action, argument }) => {

        try {
            process.send({ id, answer: await actions[action](argument) });
        }
        catch (error) {
            process.send({ id, error: error.message });
        }
    });

    process.send({ id: 0 });
};


/** The action `stop` of a process with a server. */
exports.stop = async function (server) {

    await server.stop();
    setImmediate(() => process.disconnect());
};


process.on('disconnect', () => process.exit());
