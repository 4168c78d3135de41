'use strict';

// In the repository documents lead to each other, to tests and to code by relative links. Of what these lead to, most is not in the package, and npmjs.com
// shows README.md alone. So in the package such a link names the tag of its version in the repository. npm calls this before it packs and after it:
// node .ci/links absolute, node .ci/links relative

const Fs = require('fs');
const Path = require('path').posix;


const internals = {

    // Code, in which a call can look like a link, and links

    pattern: /(^```[^]*?^```$|`[^`\n]*`)|(!\[[^\]]*)?\]\(([^)\s#]+)(#[^)]*)?\)/gm
};


/** The documents that are packed. */
exports.documents = function (folder) {

    const { files } = internals.manifest(folder);
    const guides = files.includes('docs') ? Fs.readdirSync(Path.join(folder, 'docs'), { recursive: true }).map((name) => `docs/${name}`) : [];
    return [...files, ...guides].filter((name) => name.endsWith('.md'));
};


/** The text of a document with its links as the package needs them. */
exports.absolute = function (text, name, manifest) {

    const isPacked = (path) => [...manifest.files, 'package.json'].some((entry) => path === entry || path.startsWith(`${entry}/`));

    return text.replace(internals.pattern, (match, code, image, link, anchor = '') => {

        if (code !== undefined || /^[a-z]+:/.test(link)) {
            return match;
        }

        const path = Path.join(Path.dirname(name), link);
        if (name !== 'README.md' && isPacked(path)) {
            return match;
        }

        return `${image ?? ''}](${exports.base(manifest, image ? 'raw' : 'blob')}${path}${anchor})`;
    });
};


/** Takes back what absolute() did. */
exports.relative = function (text, name, manifest) {

    return text.replace(internals.pattern, (match, code, image, link, anchor = '') => {

        const base = exports.base(manifest, image ? 'raw' : 'blob');
        if (code !== undefined || !link.startsWith(base)) {
            return match;
        }

        return `${image ?? ''}](${Path.relative(Path.dirname(name), link.slice(base.length))}${link.endsWith('/') ? '/' : ''}${anchor})`;
    });
};


/** Where the files of a version are. */
exports.base = function ({ repository, version }, kind) {

    return `${repository.url.replace(/^git\+|\.git$/g, '')}/${kind}/v${version}/`;
};


exports.rewrite = function (folder, direction) {

    const manifest = internals.manifest(folder);
    for (const name of exports.documents(folder)) {
        const path = Path.join(folder, name);
        const text = Fs.readFileSync(path, 'utf8');
        const rewritten = exports[direction](text, name, manifest);
        if (rewritten !== text) {
            Fs.writeFileSync(path, rewritten);
        }
    }
};


internals.manifest = function (folder) {

    return JSON.parse(Fs.readFileSync(Path.join(folder, 'package.json'), 'utf8'));
};


if (require.main === module) {
    const [, , direction] = process.argv;
    const root = Path.join(__dirname, '..');

    if (process.env.npm_command === 'publish' && internals.manifest(root).repository.url.includes('/OWNER/')) {
        console.error('Nothing is published by OWNER: say in package.json whose repository it is, in place of each OWNER');
        process.exit(1);
    }

    exports.rewrite(root, direction);
}
