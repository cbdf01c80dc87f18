/**
 * Loads the bundle with V8's code cache, so that starting does not mean compiling: by Node's own means where it has
 * them (22.8 and newer), by ours where it has not. Ours goes when the Node floor passes 22.8.
 *
 * A cache is code that will be run. So its folder must be the user's own and closed to everybody else, each file must
 * be a plain file of theirs, and it is used only for the very source, Node version and flags that it was made from,
 * undamaged. Whatever is wrong with it, the source is compiled instead: the cache saves time and decides nothing.
 */
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');

// Wrapping in one line and shifting its columns back keeps the lines and columns of stack traces true.
const prologue = '(function (exports, require, module, __filename, __dirname) { ';
const epilogue = '\n})';

/**
 * Loads a CommonJS file of the bundle and returns what it exports.
 *
 * @param {string} file absolute path
 * @param {NodeJS.ProcessEnv} environment
 * @param {string} kind of process: each kind has V8 flags of its own, and so a cache of its own
 * @returns {any} the bundle has no declarations; the caller knows its shape
 */
function load(file, environment, kind) {
  // Coverage counts nothing in functions that come out of a cache.
  const wanted = !environment.NODE_DISABLE_COMPILE_CACHE && !environment.NODE_V8_COVERAGE;
  const folder = wanted ? cacheFolder(environment) : undefined;
  if (folder === undefined) return require(file);
  if (nodeCachesCode()) {
    enableNodesCache(folder);
    return require(file);
  }
  return new CachedLoader(path.dirname(file), folder, kind).load(file);
}

/** Asked of the version, since to ask node:module itself would cost Node 20 a millisecond of loading it. */
function nodeCachesCode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 8);
}

/** @param {string} folder */
function enableNodesCache(folder) {
  const nodeModule = require('node:module');
  // The types are those of the Node floor, which has no such function.
  if ('enableCompileCache' in nodeModule && typeof nodeModule.enableCompileCache === 'function') {
    nodeModule.enableCompileCache(folder);
  }
}

/**
 * The folder for caches, made when it is not there; undefined where there is none that is safe to use.
 *
 * @param {NodeJS.ProcessEnv} environment
 */
function cacheFolder(environment) {
  const user = process.geteuid?.();
  // Windows has no such owner and mode to look at.
  if (user === undefined) return undefined;
  const { XDG_CACHE_HOME: cacheHome = '', HOME: home = '' } = environment;
  // The XDG base directory specification: a relative path is to be ignored.
  const parent = path.isAbsolute(cacheHome) ? cacheHome : path.isAbsolute(home) ? path.join(home, '.cache') : undefined;
  if (parent === undefined) return undefined;
  const folder = path.join(parent, 'nanoops');
  try {
    let found = fs.lstatSync(folder, { throwIfNoEntry: false });
    if (found === undefined) {
      // Not `recursive`: Node 20 then tries for ever where the system says ENOENT to a folder in one that is there.
      if (!fs.existsSync(parent)) fs.mkdirSync(parent, { mode: 0o700 });
      fs.mkdirSync(folder, { mode: 0o700 });
      found = fs.lstatSync(folder);
    }
    const { mode, uid } = found;
    return (mode & fs.constants.S_IFMT) === fs.constants.S_IFDIR && (mode & 0o077) === 0 && uid === user
      ? folder
      : undefined;
  } catch {
    // A read-only or full home: no cache, and nothing that the user asked for depends on one.
    return undefined;
  }
}

/** `require` for the files of the bundle, with a cache for each. */
class CachedLoader {
  /** @param {string} root the bundle's folder @param {string} folder the caches' folder @param {string} kind */
  constructor(root, folder, kind) {
    this.root = root;
    this.folder = path.join(folder, `node-${process.version}-${process.arch}-${kind}`);
    /** @type {Map<string, { exports: unknown }>} */
    this.modules = new Map();
    /** @type {{ script: vm.Script, source: string, cacheFile: string }[]} */
    this.uncached = [];
    /** What is read of files goes here, one after the other: fresh memory for each costs more than reading it. */
    this.scratch = Buffer.allocUnsafeSlow(1 << 20);
  }

  /** @param {string} file @returns {any} */
  load(file) {
    const known = this.modules.get(file);
    if (known !== undefined) return known.exports;
    const script = this.compile(file);
    const loaded = { exports: {} };
    this.modules.set(file, loaded);
    const folder = path.dirname(file);
    /** @param {string} id */
    const requireFrom = (id) => (id.startsWith('.') ? this.load(path.join(folder, id)) : require(id));
    try {
      script.runInThisContext().call(loaded.exports, loaded.exports, requireFrom, loaded, file, folder);
    } catch (error) {
      // As Node does: who asks again sees the error again, not half a module.
      this.modules.delete(file);
      throw error;
    }
    return loaded.exports;
  }

  /** @param {string} file */
  compile(file) {
    const sourceLength = this.readAt(0, fs.openSync(file, fs.constants.O_RDONLY));
    const source = this.scratch.toString('utf8', 0, sourceLength);
    const cacheFile = path.join(this.folder, `${path.relative(this.root, file).replaceAll(path.sep, '-')}.cache`);
    const cachedData = this.readCache(cacheFile, sourceLength);
    const script = new vm.Script(prologue + source + epilogue, {
      filename: file,
      columnOffset: -prologue.length,
      importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
      ...(cachedData !== undefined && { cachedData }),
    });
    if (cachedData === undefined || script.cachedDataRejected === true) {
      // Made at the end, a cache also holds the functions that were compiled on the way.
      if (this.uncached.length === 0) process.once('exit', () => this.store());
      this.uncached.push({ script, source, cacheFile });
    }
    return script;
  }

  /**
   * What was cached for exactly the source at the start of the scratch; undefined where nothing (usable) was.
   *
   * A file holds the source, then V8's data, then the data again. For V8 itself checks its version, its flags and the
   * length of the source, but not the source's content; and it crashes on damaged data. Comparing copies takes no time,
   * while a checksum would cost more than all the rest (loading node:zlib: 2 ms of 25).
   *
   * @param {string} file @param {number} sourceLength bytes
   */
  readCache(file, sourceLength) {
    try {
      const descriptor = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW);
      const length = this.readAt(sourceLength, descriptor, ({ mode, uid }) => {
        const plain = (mode & fs.constants.S_IFMT) === fs.constants.S_IFREG;
        return plain && (mode & 0o022) === 0 && uid === process.geteuid?.();
      });
      const dataLength = (length - sourceLength) / 2;
      if (dataLength <= 0 || !Number.isInteger(dataLength)) return undefined;
      const from = 2 * sourceLength;
      const data = this.scratch.subarray(from, from + dataLength);
      const isSound =
        this.scratch.compare(this.scratch, sourceLength, from, 0, sourceLength) === 0 &&
        data.equals(this.scratch.subarray(from + dataLength, from + 2 * dataLength));
      // V8 takes what it needs of it before the scratch is written to again.
      return isSound ? data : undefined;
    } catch {
      // Not there yet, most of all.
      return undefined;
    }
  }

  /**
   * Reads a whole file into the scratch, which grows where it has to, and closes it. Returns its length in bytes: none of a file
   * that is not as it should be.
   *
   * @param {number} at where in the scratch @param {number} descriptor @param {(stats: fs.Stats) => boolean} [isFit]
   */
  readAt(at, descriptor, isFit) {
    try {
      const stats = fs.fstatSync(descriptor);
      if (isFit?.(stats) === false) return 0;
      const end = at + stats.size;
      if (end > this.scratch.length) {
        const grown = Buffer.allocUnsafeSlow(2 * end);
        this.scratch.copy(grown, 0, 0, at);
        this.scratch = grown;
      }
      let read = at;
      while (read < end) {
        const more = fs.readSync(descriptor, this.scratch, read, end - read, null);
        if (more === 0) throw new Error('the file became shorter while it was read');
        read += more;
      }
      return stats.size;
    } finally {
      fs.closeSync(descriptor);
    }
  }

  store() {
    try {
      if (!fs.existsSync(this.folder)) fs.mkdirSync(this.folder, { mode: 0o700 });
      for (const { script, source, cacheFile } of this.uncached) {
        writeCache(cacheFile, source, script.createCachedData());
      }
    } catch {
      // As above: without a cache the next start takes as long as this one.
    }
  }
}

/**
 * Whole or not at all: two nanoops may end at the same moment, and one may be killed.
 *
 * @param {string} file @param {string} source @param {Buffer} data
 */
function writeCache(file, source, data) {
  const unfinished = `${file}.${process.pid}`;
  try {
    fs.writeFileSync(unfinished, Buffer.concat([Buffer.from(source), data, data]), { mode: 0o600, flag: 'wx' });
    fs.renameSync(unfinished, file);
  } catch (error) {
    fs.rmSync(unfinished, { force: true });
    throw error;
  }
}

module.exports = { load };
