// `gulp build` turns the sources into dist/, the folder that n8n loads and npm publishes. The paths below dist/ are those
// of the sources, because a node finds its icon and its core by relative path.
const { rm } = require('node:fs/promises');
const { spawn } = require('node:child_process');
const { dest, series, src } = require('gulp');

const clean = () => rm('dist', { recursive: true, force: true });

function compile(done) {
  const child = spawn(process.execPath, [require.resolve('typescript/bin/tsc'), '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
  child.on('exit', (code) => done(code === 0 ? undefined : new Error('TypeScript found errors, see above.')));
}

// gulp 5 reads files as UTF-8 unless told otherwise, which would damage a PNG.
const assets = () =>
  src(['nodes/**/*.{svg,png,json}', 'credentials/**/*.svg'], { base: '.', encoding: false, allowEmpty: true }).pipe(dest('dist'));

exports.build = series(clean, compile, assets);
exports.default = exports.build;
