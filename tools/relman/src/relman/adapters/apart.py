"""Whether the subcharts of a chart may be rendered apart from one another.

What a subchart renders follows from its own values, `global`, and the release's name and
namespace; nothing else reaches its templates, as long as no template changes what others see, or
gives something else each time. Whether that is so is read from the text: what isn't certain is
not apart, and the chart is rendered as a whole.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from relman.adapters import switches

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

ACTION = re.compile(
    r"""\{\{-?\s*/\*.*?\*/\s*-?\}\}              # a comment
    |\{\{((?:"(?:\\.|[^"\\])*"|`[^`]*`|[^"`}]|\}(?!\}))*)\}\}""",
    re.DOTALL | re.VERBOSE,
)
STRING = re.compile(r'"(?:\\.|[^"\\])*"|`[^`]*`')
# Text as a template, other charts' contexts, what changes a map, and what is new at each call.
UNCERTAIN = re.compile(
    r"\b(tpl|Subcharts|unset|merge\w*|mustMerge\w*|lookup|getHostByName"
    r"|now|ago|date|dateInZone|date_in_zone|htmlDate|htmlDateInZone|rand\w*|shuffle|uuidv4"
    r"|gen[A-Z]\w*|buildCustomCert|derivePassword|htpasswd|bcrypt|encryptAES)\b"
)
DEFINE = re.compile(r'-?\s*(?:define|block)\s+("[^"]*"|`[^`]*`)')
SET = re.compile(r"\bset\b(?:\s+(\$\w+)\s)?")


def outline(chart: Path) -> dict[str, Any] | None:
    """Of an unpacked chart: its name, and the subcharts that render something. None where the
    subcharts aren't certainly apart."""
    folders = dict(switches.charts(chart))
    templates = [(keys, path) for keys, folder in folders.items() for path in _templates(folder)]
    texts = [path.read_text() for _, path in templates]
    names = {keys: switches.metadata(folder)["name"] for keys, folder in folders.items()}
    if any(keys and keys[-1] != name for keys, name in names.items()):
        return None  # values reach a chart under its name, templates lie in its folder
    if not all(map(_is_certain, texts)) or _defines_twice(texts):
        return None
    leaves = {keys[0] for keys, path in templates if keys and _is_leaf(path)}
    return {"name": names[()], "subcharts": sorted(leaves)}


def _templates(chart: Path) -> list[Path]:
    """The templates of one chart, without those of its subcharts."""
    return sorted(path for path in (chart / "templates").rglob("*") if path.is_file())


def _is_leaf(template: Path) -> bool:
    """Whether Helm renders a template for itself; the others are only included."""
    return not template.name.startswith("_")


def is_leaf_of(file: str, subcharts: Collection[str]) -> bool:
    """Whether a packed file is a template that one of these subcharts renders for itself."""
    parts = file.split("/")
    inside = len(parts) > 3 and parts[1] == "charts" and parts[2] in subcharts
    return inside and _in_templates(parts[3:]) and not parts[-1].startswith("_")


def _in_templates(below: list[str]) -> bool:
    """Whether a path inside a chart leads into its templates, or those of a chart below it."""
    while len(below) > 2 and below[0] == "charts":
        below = below[2:]
    return below[0] == "templates"


def _is_certain(template: str) -> bool:
    if "{{" in ACTION.sub("", template):
        return False
    actions = "\n".join(STRING.sub('""', one) for one in _actions(template))
    changed = [found[1] for found in SET.finditer(actions)]
    return not UNCERTAIN.search(actions) and all(_is_own(name, actions) for name in changed)


def _actions(template: str) -> list[str]:
    return [found[1] or "" for found in ACTION.finditer(template)]


def _defines_twice(templates: Sequence[str]) -> bool:
    """Whether two templates define the same name: which of them counts depends on both."""
    names = [DEFINE.match(one) for text in templates for one in _actions(text)]
    counts = Counter(found[1] for found in names if found)
    return any(count > 1 for count in counts.values())


def _is_own(name: str | None, actions: str) -> bool:
    """Whether a variable holds nothing but maps that the template has made itself."""
    if name is None:
        return False
    variable = re.escape(name)
    made = re.findall(rf"{variable}\b\s*(?:,\s*\$\w+\s*)?:?=\s*(\S+)", actions)
    return bool(made) and all(word == "dict" for word in made)
