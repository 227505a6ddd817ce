"""The settings as they are, and as they may be."""

from __future__ import annotations

import click

from monitor.cli.options import common
from monitor.cli.talk import Talk, envelope


@click.group("config")
def config_command() -> None:
    """Show the settings in use, or their schema."""


@config_command.command("show")
@common
def show_command(talk: Talk) -> None:
    """Print the settings in use.

    They are TOML and include the defaults; secrets stay hidden.

    \b
    Example:
      embmon config show
    """
    from monitor.cli.settings import public, toml

    settings = public(talk.config())
    result = {**envelope("config"), "config": settings}
    talk.answer(result, lambda shown, _verbose: toml(shown["config"]))


@config_command.command("schema")
@common
def schema_command(talk: Talk) -> None:
    """Print the JSON Schema of embmon.toml.

    Editors complete and check the file by it.

    \b
    Example:
      embmon config schema > embmon.schema.json
    """
    import json

    from monitor.config import Config

    schema = Config.model_json_schema()
    schema["properties"].pop("root")
    result = {**envelope("config-schema"), "json_schema": schema}
    talk.answer(result, lambda _shown, _verbose: [json.dumps(schema, indent=2)])
