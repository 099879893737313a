"""Put firmware/ and boards/ into the wheel; setuptools calls this, see pyproject.toml."""

from pathlib import Path

from setuptools.command.build_py import build_py

_TREES = ("firmware", "boards")
_TARGET = "massager_tools/shipped"  # as in paths.py, which cannot be imported during a build


class BuildWithTrees(build_py):
    """Build the Python packages and copy the two trees beside them.

    An editable installation reads the trees of the checkout itself.
    """

    def run(self) -> None:
        """Build the packages, then copy the trees."""
        super().run()
        if self.editable_mode:
            return
        for target, source in self._trees().items():
            Path(target).parent.mkdir(parents=True, exist_ok=True)
            self.copy_file(source, target)

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        """Return every file that `run` makes."""
        made = super().get_outputs(include_bytecode)
        return made if self.editable_mode else [*made, *self._trees()]

    def get_source_files(self) -> list[str]:
        """Return every file that `run` reads: a source distribution carries them."""
        return [*super().get_source_files(), *self._trees().values()]

    def _trees(self) -> dict[str, str]:
        """Return target → source of each file of the two trees."""
        return {
            str(Path(self.build_lib, _TARGET, path)): str(path)
            for tree in _TREES
            for path in sorted(Path(tree).rglob("*.py"))
        }
