"""Commands whose many options are explained section by section."""

from collections.abc import Mapping, Sequence
from typing import Any

import click


class SectionedCommand(click.Command):
    """A command that lists its options under titles; what no section names comes last."""

    def __init__(self, *arguments: Any, sections: Mapping[str, Sequence[str]], **options: Any) -> None:  # noqa: ANN401
        super().__init__(*arguments, **options)
        self._sections = sections

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options down."""
        known = {str(each.name): each.get_help_record(ctx) for each in self.get_params(ctx)}
        named = {name for names in self._sections.values() for name in names}
        sections = {**self._sections, "Other": [name for name in known if name not in named]}
        for title, names in sections.items():
            records = [record for name in names if (record := known.get(name)) is not None]
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)
