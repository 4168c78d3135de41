'use strict';

const Assert = require('assert');
const Fs = require('fs');
const Path = require('path').posix;

const Links = require('../../.ci/links');

const Package = require('../../package.json');


const internals = {
    root: Path.join(__dirname, '..', '..')
};


/** Each link of a packed document leads to a file of the package, or to one of the repository by its address there. */
exports.check = function (folder) {

    const installed = Path.join(folder, 'node_modules', Package.name);
    const [page, picture] = [Links.base(Package, 'blob'), Links.base(Package, 'raw')];
    const counts = { packed: 0, repository: 0 };

    for (const name of Links.documents(internals.root)) {
        const text = Fs.readFileSync(Path.join(installed, name), 'utf8');
        const prose = text.replace(/^```[^]*?^```$/gm, '').replace(/`[^`\n]*`/g, '');
        for (const [, link] of prose.matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)) {
            const base = [page, picture].find((address) => link.startsWith(address));
            if (base) {
                ++counts.repository;
                Assert(Fs.existsSync(Path.join(internals.root, link.slice(base.length))), `${name} leads to what is not in the repository: ${link}`);
            }
            else if (!/^https:/.test(link)) {
                ++counts.packed;
                Assert(name !== 'README.md', `npmjs.com cannot show where README.md leads: ${link}`);
                Assert(Fs.existsSync(Path.join(installed, Path.dirname(name), link)), `${name} leads to what is not in the package: ${link}`);
            }
        }

        // What is written before npm packs is taken back after it

        const source = Fs.readFileSync(Path.join(internals.root, name), 'utf8');
        Assert.strictEqual(Links.relative(text, name, Package), source, `${name} has a link that cannot be taken back`);
    }

    Assert(counts.packed > 50 && counts.repository > 200, 'there are fewer links than there were');
};
