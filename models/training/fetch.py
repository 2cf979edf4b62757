"""Download the Debian packages that the manifest names and unpack their sounds, installing nothing.

Needs a Debian 12 system and its package lists (`apt-get update`). About 6 GB pass through, 3 GB stay. What is there already is
not fetched again.
"""
import argparse
import hashlib
import subprocess
import urllib.request
from pathlib import Path

from manifest import packages

PATTERNS = ["*.wav", "*.WAV", "*.ogg", "*.OGG", "*.oga", "*.mp3", "*.flac", "*.opus", "*.wv", "*.au", "*.pk3", "*.wz", "*.wad"]
# Of a later Debian, which the lists of this one do not name: where it lies, and its SHA-256.
LATER = {"cdogs-sdl-data": ("http://deb.debian.org/debian/pool/main/c/cdogs-sdl/cdogs-sdl-data_2.1.0+dfsg-2_all.deb",
                            "5fc1f554df72653b870cdf62dd4e9aefa88a996d8b13de7d5b1ad084245b2503")}
TOGETHER = 16   # packages a call of apt-get, which takes a second or more to begin


def call(names, folder):
    return subprocess.run(["apt-get", "download", "-q", *names], cwd=folder, capture_output=True, text=True, check=False)


def download(wanted, folder):
    """The .deb of each (package, version): the manifest's version if it is still to be had, else the present one, and says so."""
    if call([f"{package}={version}" for package, version in wanted], folder).returncode == 0:
        return
    for package, version in wanted:
        if call([f"{package}={version}"], folder).returncode == 0:
            continue
        done = call([package], folder)
        if done.returncode:
            raise SystemExit(f"{package}: {done.stderr.strip() or 'cannot be downloaded'}\nTry `apt-get update`; the manifest is of Debian 12.")
        print(f"{package}: version {version} is gone, took the present one")


def download_later(package, folder):
    url, sha256 = LATER[package]
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            deb = answer.read()
    except OSError as error:
        raise SystemExit(f"{url}: {error}\nWhere Debian has it no longer, drop the package's rows from manifest.tsv.") from error
    if hashlib.sha256(deb).hexdigest() != sha256:
        raise SystemExit(f"{url} is not the file that the manifest was written from")
    (folder / url.rsplit("/", 1)[1]).write_bytes(deb)


def unpack(package, folder):
    deb = next(folder.glob(f"{package}_*.deb"))
    part = folder / f"{package}.part"
    part.mkdir(exist_ok=True)
    unpacked = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb], stdout=subprocess.PIPE)
    # tar complains of patterns that fit nothing; what matters is checked by decode.py, sound by sound.
    subprocess.run(["tar", "-x", "-C", part, "--wildcards", *PATTERNS], stdin=unpacked.stdout, stderr=subprocess.DEVNULL, check=False)
    unpacked.wait()
    deb.unlink()
    part.rename(folder / package)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    wanted = [(package, version) for package, version in packages().items() if not (args.out / package).is_dir()]
    for i in range(0, len(wanted), TOGETHER):
        some = wanted[i: i + TOGETHER]
        for package, _ in some:
            if package in LATER:
                download_later(package, args.out)
        download([each for each in some if each[0] not in LATER], args.out)
        for package, version in some:
            unpack(package, args.out)
            print(package, version, flush=True)


if __name__ == "__main__":
    main()
