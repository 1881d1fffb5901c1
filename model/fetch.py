#!/usr/bin/env python3
"""Bring the sources that the model is trained on from the package registries, and keep their source files.

usage: fetch.py OUT_DIR [--missing] [REGISTRY ...]

--missing: only what an earlier run brought nothing of.

Reads sources.txt, uses apt-get (with deb-src enabled), pip, npm and cargo as they are configured. Each package becomes
OUT_DIR/<registry>/<name>/ with its source files only; OUT_DIR/<registry>.lock names versions and licences. Left out:
what the evaluation asks about (EXCLUDED), licences that are not permissive, tests, vendored copies, generated and
minified files.
"""
import io, json, os, re, subprocess, sys, tarfile, zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
EXCLUDED = set("""aiohttp fastapi flask httpx model2vec pydantic requests starlette click axios express redux zod trpc axum tokio serde gin
cobra chi gson commons-lang jackson jackson-databind guzzle guzzlehttp monolog laravel illuminate symfony sinatra rack rails activerecord
activesupport actionpack railties ktor cats circe http4s alamofire vapor snapkit rxswift nlohmann json-nlohmann nlohmann-json abseil absl
fmt fmtlib phoenix plug ecto vitest newtonsoft newtonsoft-json dapper messagepack msgpack kotlinx-coroutines exposed curl libcurl redis libuv bats bats-core
bash-it nvm aeson pandoc xmonad telescope telescope.nvim lazy.nvim mini.nvim zig zls zig-clap""".split())
# Names inside longer path components.
INSIDE = re.compile(r"kotlinx[-_.]?coroutines|newtonsoft|jackson|nlohmann|commons-?lang|guzzle|monolog|laravel|illuminate|symfony|"
                    r"alamofire|snapkit|rxswift|aiohttp|fastapi|starlette|pydantic|abseil|telescope\.nvim|model2vec|sinatra|http4s", re.I)
EXTENSIONS = {".py": "python", ".js": "javascript", ".mjs": "javascript", ".cjs": "javascript", ".jsx": "javascript", ".ts": "typescript",
              ".tsx": "typescript", ".rs": "rust", ".go": "go", ".java": "java", ".php": "php", ".rb": "ruby", ".scala": "scala",
              ".swift": "swift", ".c": "c", ".h": "c", ".cc": "cpp", ".cpp": "cpp", ".cxx": "cpp", ".hpp": "cpp", ".hh": "cpp",
              ".cs": "csharp", ".ex": "elixir", ".exs": "elixir", ".kt": "kotlin", ".kts": "kotlin", ".sh": "bash", ".bash": "bash",
              ".zsh": "bash", ".hs": "haskell", ".lua": "lua", ".zig": "zig", ".md": "markdown"}
SKIP_DIRS = re.compile(r"^(tests?|testing|spec|specs|__tests__|__mocks__|e2e|fixtures?|testdata|test[-_]?data|vendor|vendored|_vendor|third[-_]?party|"
                       r"3rdparty|external|extern|deps|node_modules|bower_components|debian|locales?|i18n|translations|l10n|\.git|\.pc|"
                       r"generated|gen|pb|benchmarks?|umd|amd|test262|mcs-test)$", re.I)
SKIP_FILES = re.compile(r"(\.min\.js|\.d\.ts|\.d\.mts|\.bundle\.js|\.pb\.go|_pb2\.py|\.pb\.(h|cc)|_generated\.\w+|_test\.(go|py|rb|exs)|\.(spec|test)\.\w+|"
                        r"zz_generated.*|bindata\.go|Tests?\.(java|cs|kt|swift|scala)|test_.*\.py|.*_spec\.rb)$")
PERMISSIVE = re.compile(r"\b(mit|expat\w*|bsd[0-9]?|go|ftl|apache|isc|zlib|boost|bsl|psf|python-2|python software|public[- ]domain|unlicen[cs]e|cc0|0bsd|postgresql|ruby|artistic|"
                        r"libpng|ijg|sqlite|vim|php|zpl|x11|ncsa|curl|unicode|hpnd|w3c|openssl|wtfpl|ofl|fsful\w*|openldap|uoi|ms-pl|lua)\b", re.I)
COPYLEFT = re.compile(r"\b(a?gpl|lgpl|gplv?[23]|mpl|epl|cddl|eupl|cc-by-sa|cc-by-nc|sspl|busl|osl|cpl|gnu|eclipse public|mozilla public|general public)\b|(^|[^a-z])(a|l)?gpl-?v?[0-9]", re.I)
MAX_FILE, MAX_FILES = 160_000, 1500
LARGE = {"mono": 7000, "kotlin": 5000, "scala": 4000, "swift": 4000}  # the only source of their language, or nearly


def run(command, **kw):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, **kw)


def allowed_name(name):
    bare = re.sub(r"^(golang-github|golang|ruby|php|lua|haskell|node|lib)-|-dev$|-java$|-cpp$", "", name.lower())
    return bare not in EXCLUDED and not (set(re.split(r"[-_./@]", name.lower())) & EXCLUDED) and not INSIDE.search(name)


def allowed_path(path):
    parts = path.split("/")
    if any(SKIP_DIRS.match(p) or p.lower().strip("_") in EXCLUDED for p in parts[:-1]) or INSIDE.search(path):
        return False
    return not SKIP_FILES.search(parts[-1])


def licence_ok(text):
    """Dual licences count if one side is permissive; a text that names a copyleft licence alone does not."""
    if text and text.startswith("text: "):
        return True
    return bool(text) and bool(PERMISSIVE.search(text)) and not (COPYLEFT.search(text) and not re.search(r"\bor\b|/", text, re.I))


def debian_licence(text):
    """The licence of most files (`Files: *`) of a machine-readable copyright file, and the globs of files under copyleft."""
    main, bad = None, []
    if "Format:" not in text[:600]:
        hit = PERMISSIVE.search(text) or re.search(r"Permission is hereby granted|Redistribution and use in source", text)
        return ("text: " + hit.group(0)) if hit and not COPYLEFT.search(text) else None, bad
    for block in re.split(r"\n\s*\n", text):
        files = re.search(r"^Files:\s*(.*(?:\n[ \t].*)*)", block, re.M)
        licence = re.search(r"^License:\s*(.*)", block, re.M)
        if not files or not licence:
            continue
        globs, short = files.group(1).split(), licence.group(1).strip()
        if "*" in globs or main is None:
            main = short
        if not licence_ok(short):
            bad += globs
    return main, [g for g in bad if g != "*"]


def keep(files, target, bad=()):
    """files: iterable of (path, bytes or callable). Writes those that count."""
    bad = [re.compile(re.escape(g).replace(r"\*", ".*").replace(r"\?", ".") + "$") for g in bad if not g.startswith("debian")]
    kept = [(p, d) for p, d in files if Path(p).suffix in EXTENSIONS and allowed_path(p) and not any(b.match(p) for b in bad)]
    tops = {}
    for p, _ in kept:
        tops.setdefault(p.split("/")[0], []).append(p)
    builds = [t for t in tops if t in ("dist", "lib", "build", "esm", "cjs", "es", "out", "module", "commonjs", "mjs", "lib-esm")]
    if any(t in tops and len(tops[t]) > 2 for t in ("src", "source", "sources")):
        drop = set(builds) if any(p.endswith((".ts", ".tsx", ".js")) for p in tops.get("src", ())) else set()
    else:
        drop = set(builds) - set(sorted(builds, key=lambda t: (-len(tops[t]), t))[:1])
    count = 0
    for p, data in sorted(kept, key=lambda f: f[0])[: 40_000]:
        if p.split("/")[0] in drop or count >= LARGE.get(target.name, MAX_FILES):
            continue
        data = data() if callable(data) else data
        if not data or len(data) > MAX_FILE or len(data) < 120 or b"\0" in data[:4000]:
            continue
        if max(map(len, data[:20000].split(b"\n"))) > 1500 or re.search(rb"(?i)(code generated|@generated|auto-?generated|do not edit)", data[:600]):
            continue
        path = target / p
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        except OSError:
            continue
        count += 1
    return count


def tar_files(tar, strip):
    for m in tar:
        if m.isfile() and 120 < m.size < MAX_FILE:
            name = m.name.removeprefix("./")
            yield (name.split("/", 1)[1] if strip and "/" in name else name), tar.extractfile(m).read()


def batches(names, size):
    return [names[i:i + size] for i in range(0, len(names), size)]


def done(lock, out, registry, name, version, licence, count):
    lock.append(f"{registry} {name} {version} {count} {licence}")


def deb(names, out, lock):
    cache = out / "cache-deb"
    cache.mkdir(exist_ok=True)
    for batch in batches(names, 30):
        run(["apt-get", "download", *batch], cwd=cache)
    for name in names:
        for path in sorted(cache.glob(f"{name}_*.deb"))[:1]:
            tar = tarfile.open(fileobj=io.BytesIO(run(["dpkg-deb", "--fsys-tarfile", str(path)]).stdout))
            files, text = [], ""
            for p, data in tar_files(tar, False):
                if p.endswith("/copyright") and "/doc/" in p:
                    text = data.decode("utf-8", "replace")
                files.append((p, data))
            licence, bad = debian_licence(text)
            ok = licence and licence_ok(licence)
            strip = lambda p: re.sub(r"^usr/(share|lib)/(gocode/src/|rubygems-integration/[^/]+/gems/|php/|ruby/vendor_ruby/|lua/5\.\d/|nodejs/)?", "", p)
            n = keep([(strip(p), d) for p, d in files if "/doc/" not in p], out / "deb" / name, bad) if ok else 0
            lock.append(("deb", name, path.name.split("_")[1], n, licence))


def src(names, out, lock):
    cache = out / "cache-src"
    cache.mkdir(exist_ok=True)
    def complete(name):
        dsc = next(iter(sorted(cache.glob(f"{name}_*.dsc"))), None)
        return dsc and all((cache / f).exists() for f in re.findall(r"^ [0-9a-f]{32} \d+ (\S+)$", dsc.read_text("utf-8", "replace"), re.M))

    for size in (12, 1):
        for batch in batches([n for n in names if not complete(n)], size):
            run(["apt-get", "source", "--download-only", *batch], cwd=cache)
    for name in names:
        files, text = [], ""
        for path in sorted(cache.glob(f"{name}_*.tar.*")):
            if path.suffix == ".asc":
                continue
            try:
                tar = tarfile.open(path)
                for m in tar:
                    p = m.name.removeprefix("./")
                    if m.isfile() and (p.endswith("debian/copyright") or not text and re.fullmatch(r"[^/]*/(LICEN[CS]E|COPYING)[^/]*", p, re.I)):
                        text = tar.extractfile(m).read().decode("utf-8", "replace")
                    elif m.isfile() and 120 < m.size < MAX_FILE and Path(p).suffix in EXTENSIONS:
                        files.append((p.split("/", 1)[-1], tar.extractfile(m).read()))
            except (tarfile.TarError, OSError, EOFError):
                continue
        licence, bad = debian_licence(text)
        n = keep(files, out / "src" / name, bad) if licence and licence_ok(licence) else 0
        version = next((p.name.split("_")[1].removesuffix(".dsc") for p in cache.glob(f"{name}_*.dsc")), "?")
        lock.append(("src", name, version, n, licence))


def pypi(names, out, lock):
    cache = out / "cache-pypi"
    cache.mkdir(exist_ok=True)
    pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--disable-pip-version-check", "--only-binary", ":all:", "-d", str(cache)]
    for batch in batches(names, 15):
        if run(pip + batch).returncode:
            for name in batch:
                run(pip + [name])
    flat = lambda s: re.sub(r"[-_.]+", "-", s).lower()
    found = {flat(p.name.split("-")[0]): p for p in sorted(cache.glob("*.whl"))}
    for name in names:
        path = found.get(flat(name))
        if path is None:
            continue
        archive = zipfile.ZipFile(path)
        meta = next((archive.read(n).decode("utf-8", "replace") for n in archive.namelist() if n.endswith(".dist-info/METADATA")), "").split("\n\n")[0]
        licence = "; ".join(re.findall(r"^(?:License-Expression|License): (.{1,80})$|^Classifier: License :: (?:OSI Approved :: )?(.*)$", meta, re.M)
                            and [a or b for a, b in re.findall(r"^(?:License-Expression|License): (.{1,80})$|^Classifier: License :: (?:OSI Approved :: )?(.*)$", meta, re.M)])
        if not licence:
            text = next((archive.read(n).decode("utf-8", "replace") for n in archive.namelist() if re.search(r"dist-info/.*LICEN[CS]E", n)), "")[:1500]
            hit = re.search(r"MIT License|Apache License|Redistribution and use in source|Permission is hereby granted|BSD|PYTHON SOFTWARE", text)
            licence = {"Redistribution and use in source": "BSD", "Permission is hereby granted": "MIT"}.get(hit.group(0), hit.group(0)) if hit else ""
        files = [(i.filename, (lambda i=i: archive.read(i))) for i in archive.infolist() if i.file_size < MAX_FILE]
        n = keep(files, out / "pypi" / name) if licence_ok(licence) else 0
        lock.append(("pypi", name, path.name.split("-")[1], n, licence))


def npm(names, out, lock):
    cache = out / "cache-npm"
    cache.mkdir(exist_ok=True)
    for batch in batches(names, 20):
        result = run(["npm", "pack", "--json", "--ignore-scripts", *batch], cwd=cache)
        if result.returncode:
            for name in batch:
                run(["npm", "pack", "--json", "--ignore-scripts", name], cwd=cache)
    packs = {}
    for path in sorted(cache.glob("*.tgz")):
        try:
            files = list(tar_files(tarfile.open(path), True))
            manifest = json.loads(next(d for p, d in files if p == "package.json"))
        except (StopIteration, ValueError, tarfile.TarError, OSError, EOFError):
            continue
        name = manifest.get("name")
        if name not in names:
            continue
        licence = manifest.get("license") or manifest.get("licenses") or ""
        licence = licence if isinstance(licence, str) else json.dumps(licence)
        n = keep(files, out / "npm" / name.replace("/", "__")) if licence_ok(licence) else 0
        lock.append(("npm", name, manifest.get("version"), n, licence))


def crate(names, out, lock):
    cache = out / "cache-crate"
    cache.mkdir(exist_ok=True)

    def vendor(batch, where):
        where.mkdir(parents=True, exist_ok=True)
        (where / "lib.rs").touch()
        (where / "Cargo.toml").write_text('[package]\nname = "corpus"\nversion = "0.0.0"\nedition = "2021"\n[lib]\npath = "lib.rs"\n[workspace]\n[dependencies]\n'
                                          + "".join(f'{n} = {{ version = "*", default-features = false }}\n' for n in batch))
        return run(["cargo", "vendor", "-q", "vendor"], cwd=where).returncode == 0

    for i, batch in enumerate(batches(names, 12)):
        if not vendor(batch, cache / f"b{i}"):
            for name in batch:
                vendor([name], cache / f"b{i}-{name}")
    seen = set()
    for manifest in sorted(cache.glob("*/vendor/*/Cargo.toml")):
        text = manifest.read_text("utf-8", "replace")
        name = re.search(r'^name = "(.*?)"', text, re.M)
        licence = re.search(r'^license = "(.*?)"', text, re.M)
        version = re.search(r'^version = "(.*?)"', text, re.M)
        if not name or not licence or name.group(1) in seen or not allowed_name(name.group(1)):
            continue
        name, root = name.group(1), manifest.parent
        if re.match(r"windows|winapi|web-sys|js-sys|libc$|linux-raw|.*-sys$", name):
            continue
        seen.add(name)
        files = [(str(p.relative_to(root)), p.read_bytes) for p in sorted(root.rglob("*.rs")) if p.is_file()]
        n = keep(files, out / "crate" / name) if licence_ok(licence.group(1)) else 0
        lock.append(("crate", name, version.group(1) if version else "?", n, licence.group(1)))


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    out = Path(sys.argv[1]).resolve()
    out.mkdir(parents=True, exist_ok=True)
    wanted = {}
    for line in (HERE / "sources.txt").read_text().splitlines():
        if line.startswith("#") or not line.strip():
            continue
        head, *names = line.split()
        kind, _, pattern = head.partition(":")
        for name in names:
            full = (pattern or "%").replace("%", name)
            if allowed_name(full) and full not in wanted.setdefault(kind, []):
                wanted[kind].append(full)

    arguments = [a for a in sys.argv[2:] if a != "--missing"]

    def one(kind):
        lock, path = [], out / f"{kind}.lock"
        before = [line.split(" ", 4) for line in path.read_text().splitlines()] if path.exists() and "--missing" in sys.argv else []
        had = {row[1]: row for row in before if row[3] != "0"}
        wanted[kind] = [name for name in wanted[kind] if name not in had]
        {"deb": deb, "src": src, "pypi": pypi, "npm": npm, "crate": crate}[kind](wanted[kind], out, lock)
        lock += [(*row[:3], int(row[3]), row[4]) for row in had.values()]
        path.write_text("".join(" ".join(str(f).replace("\n", " ") for f in row) + "\n" for row in sorted(lock, key=str)))
        print(kind, len(lock), "packages,", sum(1 for row in lock if row[3] == 0), "without files (licence or nothing of use),", sum(row[3] for row in lock), "files", flush=True)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(one, arguments or list(wanted)))


main()
