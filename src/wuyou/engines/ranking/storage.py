"""A model as one Arrow file: a batch for each array, so that each begins aligned and is mapped, not copied."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import sparse

from wuyou.engines.ranking import factors
from wuyou.engines.ranking.model import Model
from wuyou.engines.ranking.parts import Alike, Factors, Kin, Known, Neighbours, Part, Popular, Regression, Shelves
from wuyou.engines.ranking.report import PartReport, Report

VERSION = 1
"""Of the file. Another one is learnt again, not converted."""
_SCHEMA = [("name", pa.string()), ("dtype", pa.string()), ("shape", pa.list_(pa.int64())), ("bytes", pa.large_binary())]
_HEADER = b"wuyou.ranking"

Arrays = dict[str, NDArray[Any]]


def save(model: Model, path: Path) -> None:
    """Written beside and put in place in one step: a reader has the old one or the new one."""
    header = {
        "version": VERSION,
        "learnt_until": model.learnt_until,
        "attributes": list(model.attributes),
        "parts": [(part.name, _setting(part)) for part in model.parts],
        "report": asdict(model.report),
    }
    schema = pa.schema(_SCHEMA, metadata={_HEADER: json.dumps(header)})
    beside = path.with_name(f"{path.name}.{os.getpid()}.new")
    with pa.OSFile(str(beside), "wb") as file, pa.ipc.new_file(file, schema) as writer:
        for name, array in _arrays(model).items():
            flat = np.ascontiguousarray(array)
            row = [[name], [flat.dtype.str], [list(flat.shape)], [flat.tobytes()]]
            columns = [pa.array(value, kind) for value, (_, kind) in zip(row, _SCHEMA, strict=True)]
            writer.write_batch(pa.record_batch(columns, schema=schema))
    beside.replace(path)


def load(path: Path) -> Model:
    """Arrays are views of the mapped file. Raises: ValueError when it is no model or one of another version."""
    try:
        reader = pa.ipc.open_file(pa.memory_map(str(path)))
    except pa.ArrowInvalid as failed:
        raise ValueError(f"{path.name} is no model") from failed
    header = json.loads((reader.schema.metadata or {}).get(_HEADER, b"{}"))
    if header.get("version") != VERSION:
        raise ValueError(f"{path.name} is no model of version {VERSION}")
    arrays: Arrays = {}
    for at in range(reader.num_record_batches):
        batch = reader.get_batch(at)
        dtype, shape = batch["dtype"][0].as_py(), batch["shape"][0].as_py()
        count = int(np.prod(shape, dtype=np.int64))
        data = batch["bytes"].buffers()[2]
        array = np.frombuffer(data, dtype, count) if count else np.zeros(0, dtype)
        arrays[batch["name"][0].as_py()] = array.reshape(shape)
    shelves = Shelves(_table(arrays, "taste"), _table(arrays, "rare"))
    taste, report = shelves.taste, header["report"]
    return Model(
        people=arrays["people"],
        items=arrays["items"],
        counts=arrays["counts"],
        profiles=sparse.csr_array((arrays["profiles"], taste.indices, taste.indptr), shape=taste.shape),
        shelves=shelves,
        ties=_table(arrays, "ties"),
        attributes={name: arrays[f"attribute/{name}"] for name in header["attributes"]},
        born_at=arrays["born_at"],
        learnt_until=header["learnt_until"],
        is_group=arrays["is_group"],
        parts=tuple(_part(name, setting, arrays, shelves) for name, setting in header["parts"]),
        weights=arrays["weights"],
        popular=Popular(arrays["popular_now"]),
        report=Report(
            {name: PartReport(**part) for name, part in report["parts"].items()},
            report["weights"],
            report["ndcg"],
            report["people_count"],
            report["fades_days"],
        ),
    )


def _arrays(model: Model) -> Arrays:
    arrays: Arrays = {
        "people": model.people,
        "items": model.items,
        "counts": model.counts,
        "born_at": model.born_at,
        "profiles": model.profiles.data,
        "is_group": model.is_group,
        "weights": model.weights,
        "popular_now": model.popular.logs,
        **{f"attribute/{name}": column for name, column in model.attributes.items()},
        **_columns("taste", model.shelves.taste),
        **_columns("rare", model.shelves.rare),
        **_columns("ties", model.ties),
    }
    for part in model.parts:
        match part:
            case Regression() | Neighbours():
                arrays |= _columns(part.name, part.weights)
            case Factors():
                arrays["points"] = part.points
            case Alike():
                arrays |= _columns("values", part.values) | _columns("by_value", part.by_value)
                arrays |= {"attribute_of": part.attribute_of, "value_of": part.value_of}
            case Popular():
                arrays["popular"] = part.logs
    return arrays


def _setting(part: Part) -> dict[str, Any]:
    match part:
        case Factors():
            return asdict(part.fit)
        case Kin():
            return {"nearest": part.nearest}
        case Known():
            return {"trust": part.trust}
        case Alike():
            return {"attributes": part.attributes}
    return {}


def _part(name: str, setting: dict[str, Any], arrays: Arrays, shelves: Shelves) -> Part:
    match name:
        case "regression":
            return Regression(_table(arrays, name))
        case "neighbours":
            return Neighbours(_table(arrays, name))
        case "factors":
            return Factors.of(arrays["points"], factors.Fit(**setting))
        case "kin":
            return Kin(shelves, **setting)
        case "known":
            return Known(shelves, **setting)
        case "alike":
            columns = arrays["attribute_of"], arrays["value_of"]
            return Alike(_table(arrays, "values"), _table(arrays, "by_value"), tuple(setting["attributes"]), *columns)
        case "popular":
            return Popular(arrays["popular"])
    raise ValueError(f"no part is called {name}")


def _columns(name: str, table: sparse.csr_array) -> Arrays:
    return {
        f"{name}/data": table.data,
        f"{name}/indices": table.indices,
        f"{name}/indptr": table.indptr,
        f"{name}/shape": np.array(table.shape, np.int64),
    }


def _table(arrays: Arrays, name: str) -> sparse.csr_array:
    data, indices, indptr = (arrays[f"{name}/{part}"] for part in ("data", "indices", "indptr"))
    return sparse.csr_array((data, indices, indptr), shape=tuple(arrays[f"{name}/shape"].tolist()))
