#!/usr/bin/env python3
"""The Debian package: what is in it, and that it works where nothing else is installed. The second half needs
root, mmdebstrap and Debian's archive; without them it is skipped, and says so. package_test.py BUILD"""

import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
IMAGE = os.path.join(SOURCE, "corpus", "real", "bug-dup51", "finalized.elf.zst")
LARGEST = 5 << 20  # bytes of the program, stripped
FILES = [
    "/usr/bin/khover",
    "/usr/sbin/khover-kexec",
    "/usr/lib/khover/khover-gate",
    "/usr/lib/systemd/system/khover-precheck.service",
    "/usr/share/man/man1/khover.1",
    "/usr/share/bash-completion/completions/khover",
    "/usr/share/doc/khover/copyright",
    "/usr/share/doc/khover/docs/precheck.md",
    "/usr/share/khover/rules/luo/luo.yaml",
    "/etc/khover/precheck.conf",
]


def output(*command, **options):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)


def contents(deb, folder, failures):
    subprocess.run(["dpkg-deb", "-x", deb, folder], check=True)
    for path in FILES:
        if not os.path.isfile(folder + path):
            failures.append(f"{path} is not in the package")
    program = folder + "/usr/bin/khover"
    if os.path.getsize(program) > LARGEST:
        failures.append(f"khover has {os.path.getsize(program)} bytes")
    if ".debug_info" in output("readelf", "-S", program).stdout:
        failures.append("khover is not stripped")
    depends = output("dpkg-deb", "-f", deb, "Depends").stdout
    if "libz3-4" not in depends or re.search("llvm|clang", depends):
        failures.append(f"depends on {depends}")
    if "/etc/khover/precheck.conf" not in output("dpkg-deb", "--ctrl-tarfile", deb, errors="replace").stdout:
        failures.append("precheck.conf is no conffile")
    done = output("man", "--warnings", "-E", "UTF-8", "-l", folder + "/usr/share/man/man1/khover.1")
    if shutil.which("man") and ("precheck" not in done.stdout or done.returncode != 0):
        failures.append(f"the manual page: {done.stdout[:200]}")
    done = output(
        "bash",
        "-c",
        f". {folder}/usr/share/bash-completion/completions/khover; COMP_WORDS=(khover prech); "
        "COMP_CWORD=1; _khover; echo ${COMPREPLY[*]}",
    )
    if done.stdout.strip() != "precheck":
        failures.append(f"completion: {done.stdout}")


def in_a_clean_root(deb, folder, failures):
    """True: it was tried."""
    if os.geteuid() != 0 or not shutil.which("mmdebstrap"):
        print("a clean root needs root and mmdebstrap: not tried")
        return False
    root = os.path.join(folder, "root")
    done = output("mmdebstrap", "--mode=root", "--variant=apt", "bookworm", root)
    if done.returncode != 0:
        print(f"no clean root can be had here: {done.stdout.strip().splitlines()[-1:]}")
        return False
    shutil.copy(deb, os.path.join(root, "khover.deb"))
    shutil.copy(IMAGE, os.path.join(root, "image.zst"))
    for command, status, word in (
        ("apt-get install -y -q --no-install-recommends /khover.deb", 0, ""),
        ("khover precheck /image.zst --image-only", 1, "NO-GO: "),
        ("khover check /image.zst", 1, "luo-session-block-count"),
        ("apt-get install -y -q --reinstall /khover.deb", 0, ""),
        ("apt-get purge -y -q khover", 0, ""),
        ("test ! -e /usr/bin/khover -a ! -e /etc/khover/precheck.conf", 0, ""),
    ):
        done = output("chroot", root, "sh", "-c", command)
        if done.returncode != status or word not in done.stdout:
            failures.append(f"{command}: {done.returncode}\n{done.stdout[-600:]}")
    return True


def main():
    build = sys.argv[1]
    if not shutil.which("cpack") or not shutil.which("dpkg-shlibdeps"):
        print("cpack or dpkg-shlibdeps is not installed")
        return 77
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        done = output("cpack", "-B", folder, "--config", os.path.join(build, "CPackConfig.cmake"))
        debs = glob.glob(os.path.join(folder, "khover_*.deb"))
        if done.returncode != 0 or len(debs) != 1:
            print(f"cpack made no package: {debs}\n{done.stdout[-2000:]}")
            return 1
        contents(debs[0], os.path.join(folder, "x"), failures)
        in_a_clean_root(debs[0], folder, failures)
    print("\n".join(failures) or "as expected")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
