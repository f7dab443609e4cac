"""Options that mean the same in every command that has them."""

from __future__ import annotations

import click

from cswitch.files import STDIO

lang_option = click.option(
    "--lang", default="hi_en", show_default=True, help="Pair or language, such as hi_en."
)
user_option = click.option(
    "--user", type=click.Path(), help="A list of your own decisions; see lexicon add."
)
output_option = click.option(
    "-o", "--output", default=STDIO, help="Where to write; standard output by default."
)
