import stat
from pathlib import Path

import pytest

from deploy.local.errors import LauncherError
from deploy.local.keys import GENERATED, generate_all
from deploy.local.state import State, check_belonging


def test_the_state_is_found_again(tmp_path: Path) -> None:
    assert State.read(tmp_path).loading == "absent"
    State().with_cluster("abc", tmp_path).with_loading("started", tmp_path)
    assert State.read(tmp_path) == State(cluster="abc", loading="started")


def test_a_damaged_state_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text("{")
    with pytest.raises(LauncherError, match="make demo-clean"):
        State.read(tmp_path)


def test_databases_that_count_another_log_are_refused(tmp_path: Path) -> None:
    check_belonging(State(), "new", tmp_path)
    check_belonging(State(cluster="same"), "same", tmp_path)
    with pytest.raises(LauncherError, match="do not belong together"):
        check_belonging(State(cluster="old"), "new", tmp_path)


def test_secrets_are_generated_once_and_readable_by_their_owner_only(tmp_path: Path) -> None:
    generate_all(tmp_path)
    first = {name: (tmp_path / name).read_text() for name in GENERATED}
    generate_all(tmp_path)
    assert {name: (tmp_path / name).read_text() for name in GENERATED} == first
    assert len(set(first.values())) == len(GENERATED)
    assert {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in GENERATED} == {0o600}
