import sys
from importlib.metadata import version

import pytest

from local import runtime


@pytest.fixture
def uv(monkeypatch, tmp_path):
    """What uv was asked to do; it makes nothing but the folder."""
    asked = []

    def run(*arguments):
        asked.append(arguments)
        (tmp_path / "lambda-runtime").mkdir(exist_ok=True)

    monkeypatch.setattr(runtime, "_uv", run)
    monkeypatch.setattr(runtime, "_FOLDER", tmp_path / "lambda-runtime")
    return asked


def test_it_is_made_once_with_the_boto3_of_this_project(uv, tmp_path):
    for _ in range(2):
        assert runtime.lambda_python() == tmp_path / "lambda-runtime" / "bin" / "python"
    venv, install = uv
    assert (venv[0], sys.executable in venv) == ("venv", True)
    assert install[-1] == f"boto3=={version('boto3')}"


def test_another_python_makes_it_anew(uv, tmp_path):
    runtime.lambda_python()
    (tmp_path / "lambda-runtime" / "made-of").write_text("python 3.0, boto3 1.0")
    runtime.lambda_python()
    assert len(uv) == 4


def test_what_uv_said_is_told():
    with pytest.raises(runtime.RuntimeMissing, match="run `make install`"):
        runtime._uv("no-such-command")
