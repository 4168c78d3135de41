'use strict';

const Assert = require('assert');
const Fs = require('fs');
const Module = require('module');
const Path = require('path');
const Url = require('url');

const Package = require('../../package.json');


const internals = {

    // Everything the package exports, in alphabetical order

    expected: ['hardLogout', 'plugin'],

    // What Node adds to a CommonJS module that is imported

    interop: ['__esModule', 'default', 'module.exports']
};


exports.check = async function (folder) {

    const required = Module.createRequire(Path.join(folder, 'index.js'))(Package.name);
    Assert.deepStrictEqual(Object.keys(required).sort(), internals.expected, 'require() gives other exports than expected');

    const file = Path.join(folder, 'import.mjs');
    await Fs.promises.writeFile(file, `export * as imported from '${Package.name}';\n`);
    const { imported } = await import(Url.pathToFileURL(file));
    const names = Object.keys(imported).filter((name) => !internals.interop.includes(name));
    Assert.deepStrictEqual(names.sort(), internals.expected, 'import() gives other exports than expected');
    Assert.strictEqual(imported.default, required, 'import() and require() give different modules');
};
