"""Download the Debian packages that the manifest names and unpack their sounds, installing nothing.

Needs a Debian system and its package lists (`apt-get update`). About 6 GB pass through, 3 GB stay. What is there already is
not fetched again.
"""
import argparse
import subprocess
from pathlib import Path

from manifest import packages

PATTERNS = ["*.wav", "*.WAV", "*.ogg", "*.OGG", "*.oga", "*.mp3", "*.flac", "*.opus", "*.wv", "*.au", "*.pk3", "*.wz", "*.wad"]


def download(package, version, folder):
    """Path of the .deb. The manifest's version if it is still to be had, else the present one, and says so."""
    for name in (f"{package}={version}", package):
        done = subprocess.run(["apt-get", "download", "-q", name], cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            if name == package:
                print(f"{package}: version {version} is gone, took the present one")
            return next(folder.glob(f"{package}_*.deb"))
    raise SystemExit(f"{package}: {done.stderr.strip() or 'cannot be downloaded'}\nTry `apt-get update`; the manifest is of Debian 12.")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    for package, version in packages().items():
        target = args.out / package
        if target.is_dir():
            continue
        deb = download(package, version, args.out)
        part = args.out / f"{package}.part"
        part.mkdir(exist_ok=True)
        unpacked = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb], stdout=subprocess.PIPE)
        # tar complains of patterns that fit nothing; what matters is checked by decode.py, sound by sound.
        subprocess.run(["tar", "-x", "-C", part, "--wildcards", *PATTERNS], stdin=unpacked.stdout, stderr=subprocess.DEVNULL, check=False)
        unpacked.wait()
        deb.unlink()
        part.rename(target)
        print(package, version, flush=True)


if __name__ == "__main__":
    main()
