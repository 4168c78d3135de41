'use strict';

const Assert = require('assert');
const Fs = require('fs');
const Module = require('module');
const Path = require('path');
const Url = require('url');

const Package = require('../../package.json');


const internals = {

    // Everything the package exports, in alphabetical order

    expected: {
        [Package.name]: ['hardLogout', 'plugin'],
        [`${Package.name}/client`]: ['Session', 'SessionEnded', 'SessionUnavailable']
    },

    // What Node adds to a CommonJS module that is imported

    interop: ['__esModule', 'default', 'module.exports']
};


exports.check = async function (folder) {

    for (const [name, expected] of Object.entries(internals.expected)) {
        const required = Module.createRequire(Path.join(folder, 'index.js'))(name);
        Assert.deepStrictEqual(Object.keys(required).sort(), expected, `require('${name}') gives other exports than expected`);

        const file = Path.join(folder, `import-${Path.basename(name)}.mjs`);
        await Fs.promises.writeFile(file, `export * as imported from '${name}';\n`);
        const { imported } = await import(Url.pathToFileURL(file));
        const names = Object.keys(imported).filter((each) => !internals.interop.includes(each));
        Assert.deepStrictEqual(names.sort(), expected, `import('${name}') gives other exports than expected`);

        // Classes and state of the plugin are there once. A client has nothing to share, and has a module of its own for browsers

        if (name === Package.name) {
            Assert.strictEqual(imported.default, required, 'import() and require() give different modules');
        }
    }
};
