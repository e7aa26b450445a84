"""Renders the charts in-process, from a copy whose dependencies are built once."""

import json
import shutil
from pathlib import Path

import helm_python
import pytest

from .objects import CHARTS, Objects, Refusal, Render, Text, Values, ci_cases, ci_values, documents


@pytest.fixture(scope="session")
def built_charts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The charts with their file:// dependencies, away from the repository."""
    folder = tmp_path_factory.mktemp("repository") / "charts"
    shutil.copytree(CHARTS, folder, ignore=shutil.ignore_patterns("*.tgz", "Chart.lock"))
    for chart in folder.iterdir():
        metadata = chart / "Chart.yaml"
        if metadata.is_file() and "dependencies:" in metadata.read_text():
            helm_python.dependency_update(str(chart))
    return folder


def rendered(chart: Path, values: Values, name: str) -> dict[str, str]:
    """Loaded anew each time, because rendering changes a handle."""
    with helm_python.Chart.load(chart) as loaded:
        return loaded.render(values, name=name, namespace="store")


@pytest.fixture(scope="session")
def render_text(built_charts: Path) -> Text:
    """Each template's text. What was rendered once is kept: many tests look at the same."""
    kept: dict[str, dict[str, str]] = {}

    def text(chart: str, values: Values | None = None, name: str = "shop") -> dict[str, str]:
        key = json.dumps([chart, values or {}, name])
        if key not in kept:
            kept[key] = rendered(built_charts / chart, values or {}, name)
        return kept[key]

    return text


@pytest.fixture(scope="session")
def render(render_text: Text) -> Render:
    def objects(chart: str, values: Values | None = None, name: str = "shop") -> Objects:
        texts = render_text(chart, values, name).items()
        manifests = (text for path, text in texts if not path.endswith("NOTES.txt"))
        return Objects(item for text in manifests for item in documents(text))

    return objects


@pytest.fixture(scope="session")
def refusal(render_text: Text) -> Refusal:
    """The words with which values are refused."""

    def message(chart: str, values: Values) -> str:
        with pytest.raises(helm_python.HelmError) as caught:
            render_text(chart, values)
        return str(caught.value)

    return message


@pytest.fixture(params=ci_cases(), ids=lambda case: "-".join(case))
def ci_case(request: pytest.FixtureRequest) -> tuple[str, Values]:
    """Each chart with each of its ci/ values."""
    chart, name = request.param
    return chart, ci_values(chart, name)
