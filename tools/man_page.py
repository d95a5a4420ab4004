#!/usr/bin/env python3
"""The manual page of khover, from what its commands say of themselves: man_page.py KHOVER > khover.1
--completion prints a completion for bash from the same words."""

import re
import subprocess
import sys


def help_of(khover, *command):
    return subprocess.run([khover, *command, "--help"], stdout=subprocess.PIPE, check=True, text=True).stdout


def subcommands(text):
    """(name, what it does)"""
    part = text.split("Subcommands:", 1)
    if len(part) < 2:
        return []
    return re.findall(r"^  ([a-z][a-z-]*)\s+(.*)$", part[1], re.MULTILINE)


def options(text):
    return sorted(set(re.findall(r"(?<![\w-])(--[a-z][a-z0-9-]*|-[a-zA-Z])(?![\w-])", text)))


def escaped(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"(?m)^([.'])", r"\\&\1", text)


def man(khover):
    version = subprocess.run([khover, "--version"], stdout=subprocess.PIPE, check=True, text=True).stdout
    top = help_of(khover)
    out = [f'.TH KHOVER 1 "" "{version.splitlines()[0]}" "khover"', ".SH NAME"]
    out.append("khover \\- checks what one Linux kernel hands over to the next")
    out += [".SH SYNOPSIS", ".B khover", "COMMAND [OPTION...] [ARGUMENT...]", ".SH DESCRIPTION", ".nf"]
    out += [escaped(top.strip()), ".fi"]
    for name, _ in subcommands(top):
        if name in ("abi", "review"):  # khover-abi's, with a help of its own
            continue
        out += [f".SH KHOVER {name.upper()}", ".nf", escaped(help_of(khover, name).strip()), ".fi"]
    return "\n".join(out) + "\n"


def completion(khover):
    top = help_of(khover)
    names = [name for name, _ in subcommands(top)]
    cases = []
    for name in names:
        if name not in ("abi", "review"):
            cases.append(f'    {name}) words="{" ".join(options(help_of(khover, name)))}" ;;')
    return f"""# bash completion for khover, written by tools/man_page.py
_khover() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} words=
  if [ "$COMP_CWORD" -eq 1 ]; then
    mapfile -t COMPREPLY < <(compgen -W "{" ".join(names)} --help --version" -- "$current")
    return
  fi
  case ${{COMP_WORDS[1]}} in
{chr(10).join(cases)}
  esac
  if [[ $current == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  else
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
  fi
}}
complete -o filenames -F _khover khover
"""


def main():
    if sys.argv[1] == "--completion":
        sys.stdout.write(completion(sys.argv[2]))
    else:
        sys.stdout.write(man(sys.argv[1]))


if __name__ == "__main__":
    main()
