"""The scripts that make a shell ask ``stillthere`` what can follow."""

import os
from collections.abc import Mapping
from pathlib import Path

_BASH = """\
# Completion of stillthere in bash; `eval "$(stillthere completion bash)"` in ~/.bashrc
_stillthere() {
    local IFS=$'\\n'
    COMPREPLY=($("$1" completion --words "${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null))
    case "${COMPREPLY[0]}" in
        */ | *: | *=) compopt -o nospace ;;
    esac
}
complete -o default -F _stillthere stillthere
"""
_ZSH = """\
#compdef stillthere
# Completion of stillthere in zsh; `eval "$(stillthere completion zsh)"` in ~/.zshrc, behind compinit
_stillthere() {
    local -a found
    found=("${(@f)$(${words[1]} completion --words "${LBUFFER}" 2>/dev/null)}")
    if (( ${#found} )) && [[ -n "${found[1]}" ]]; then
        compadd -Q -S '' -- ${(M)found:#*[/:=]}
        compadd -Q -- ${found:#*[/:=]}
    else
        _files
    fi
}
compdef _stillthere stillthere
"""
_FISH = """\
# Completion of stillthere in fish; `stillthere completion fish | source` in ~/.config/fish/config.fish
complete -c stillthere -a '(stillthere completion --words (commandline -cp) 2>/dev/null)'
"""
SCRIPTS: Mapping[str, str] = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}
"""By the name of the shell."""


def place_of(shell: str) -> Path:
    """The file in which a shell looks for the completion of ``stillthere``."""
    home = Path.home()
    if shell == "fish":
        return _folder("XDG_CONFIG_HOME", home / ".config") / "fish" / "completions" / "stillthere.fish"
    if shell == "zsh":
        return home / ".zfunc" / "_stillthere"
    return _folder("XDG_DATA_HOME", home / ".local" / "share") / "bash-completion" / "completions" / "stillthere"


def set_up_in(shell: str) -> Path | None:
    """The file that has the completion, or asks for it; None: it is not installed."""
    home = Path.home()
    starts = {"bash": home / ".bashrc", "zsh": home / ".zshrc", "fish": home / ".config" / "fish" / "config.fish"}
    for path, wanted in ((place_of(shell), ""), (starts[shell], "stillthere completion")):
        try:
            if wanted in path.read_text(encoding="utf-8", errors="replace"):
                return path
        except OSError:
            continue
    return None


def _folder(variable: str, usual: Path) -> Path:
    named = os.environ.get(variable)
    return Path(named) if named and os.path.isabs(named) else usual
