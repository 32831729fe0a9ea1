"""From a file and the environment to the configuration, or to all that is wrong with it."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

import yaml
from dotenv import dotenv_values

from bridge.config.fitting import contradictions, missing
from bridge.config.later import not_yet
from bridge.config.read import Faults, Reader
from bridge.config.schema import Config

DEFAULT = "config/bridge.yaml"
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")


class ConfigError(Exception):
    """The configuration is wrong; `lines` has one line for each fault."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def environment() -> dict[str, str]:
    """The environment, over what `.env` in the working directory says."""
    written = {key: value or "" for key, value in dotenv_values(".env").items()}
    return {**written, **os.environ}


def load(file: str | None, env: Mapping[str, str], *, serving: bool = True) -> Config:
    """Read and validate a configuration file.

    `file` None means $BRIDGE_CONFIG, or config/bridge.yaml. `serving` asks for all that
    a running bridge needs: a token for Coze and at least one channel.

    Raises:
        ConfigError: something is wrong with it.
    """
    name = file or env.get("BRIDGE_CONFIG") or DEFAULT
    faults = Faults(name)
    data = _filled(_parsed(name), env, faults)
    config = Reader(faults).config(data)
    if config is not None:
        for fault in (*contradictions(config), *not_yet(config)):
            faults.add(*fault)
        if serving and not faults.lines:
            for fault in missing(config):
                faults.add(*fault)
    if config is None or faults.lines:
        raise ConfigError(faults.lines)
    return config


def _parsed(name: str) -> object:
    """The file as plain data. Every scalar stays text: an id of digits is no number."""
    try:
        text = Path(name).read_text(encoding="utf-8")
        return yaml.load(text, yaml.BaseLoader) or {}  # noqa: S506 - it makes nothing but text
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise ConfigError(
            [f"{name}: {why}; name a configuration file with -c, or with BRIDGE_CONFIG"]
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError([f"{name}: not UTF-8 text; save it as UTF-8"]) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "not YAML"
        raise ConfigError([f"{name}:{where} {problem}; mend the YAML there"]) from error


def _filled(data: object, env: Mapping[str, str], faults: Faults, path: str = "") -> object:
    """The data with ${NAME} and ${NAME:-default} replaced."""
    if isinstance(data, dict):
        return {
            key: _filled(value, env, faults, f"{path}.{key}" if path else str(key))
            for key, value in data.items()
        }
    if isinstance(data, list):
        return [_filled(value, env, faults, f"{path}[{at}]") for at, value in enumerate(data)]

    def value(variable: re.Match[str]) -> str:
        name, default = variable[1], variable[2]
        faults.variables[path] = name
        if filled := env.get(name) or default or "":
            return filled
        if default is None:
            faults.add(path, f"${{{name}}}, which is not set", "a value", f"set {name}")
            return "-"  # it has been told; what reads it must not complain as well
        return ""

    return _VARIABLE.sub(value, data) if isinstance(data, str) else data
